import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { Problem } from "~/api";
import { client, meQuery } from "~/api/queries";
import { hasChosen, type Language, languageStore, languages, speak } from "~/i18n";
import { useStore } from "~/live/store";
import { Failure } from "~/parts/Empty";
import { theme, variables } from "~/theme";
import { leaveWhenEnded } from "./leave";
import { live } from "./live";
import { router } from "./router";

const Enrol = lazy(() => import("~/features/login/Enrol"));
const Login = lazy(() => import("~/features/login/Login"));

export function App() {
  return (
    <QueryClientProvider client={client}>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
        <I18nProvider i18n={i18n}>
          <Notifications position="bottom-right" limit={4} />
          <Door />
        </I18nProvider>
      </MantineProvider>
    </QueryClientProvider>
  );
}

/** Lets people in who are logged in, and asks the others to. */
function Door() {
  useEffect(leaveWhenEnded, []);
  const me = useQuery(meQuery);
  const user = me.data?.user;
  const enrol = me.data?.enrol;
  const { language } = useStore(languageStore, (s) => s);
  useEffect(() => {
    if (!user || enrol) return;
    live.open();
    if (!hasChosen() && user.locale in languages) void speak(user.locale as Language, false);
  }, [user, enrol]);
  if (enrol)
    return (
      <Suspense>
        <Enrol />
      </Suspense>
    );
  if (user) return <RouterProvider key={language} router={router} />;
  if (me.error instanceof Problem && me.error.status === 401)
    return (
      <Suspense>
        <Login />
      </Suspense>
    );
  if (me.error) return <Failure error={me.error} retry={() => void me.refetch()} />;
  return null;
}
