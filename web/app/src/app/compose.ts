import { useNavigate } from "@tanstack/react-router";

/** Begins a new mail on the mail page. */
export function useCompose(): (draft: { to?: string[] }) => void {
  const navigate = useNavigate();
  return ({ to }) => void navigate({ to: "/mail", search: { compose: to?.join(", ") ?? "" } });
}
