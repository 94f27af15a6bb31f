import { useParams } from "@tanstack/react-router";
import { useLiveState } from "~/app/live";
import { PreJoin } from "./PreJoin";
import { Stage } from "./Stage";

/** A room: its door, or its inside. */
export default function Meeting() {
  const { room } = useParams({ from: "/meetings/$room" });
  const { stage } = useLiveState();
  return stage && stage.room === room ? <Stage stage={stage} /> : <PreJoin key={room} room={room} />;
}
