import TopNavigation, { type TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { signOut } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { session } from "../api/session.ts";
import { openHelp } from "../shell/frame.ts";
import { copyText } from "../shell/clipboard.ts";
import { notify, notifyFailedCopy } from "../shell/notices.ts";
import { paths } from "../shell/paths.ts";
import { type Language, LANGUAGES, speak, useLanguage, useWords } from "../words/language.ts";
import { chooseTheme, type Theme, useTheme } from "./theme.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];
const ticked = (isOn: boolean) => (isOn ? ({ iconName: "check" } as const) : {});

/** The bar of every screen: region and addresses, account, language and appearance, help. */
export function TopBar(): ReactNode {
  const { shell: t } = useWords();
  const language = useLanguage();
  const theme = useTheme();
  const { data: who } = useQuery(queries.who());
  const leave = useMutation({
    mutationFn: signOut,
    onSettled: () => {
      session.endEverywhere();
      // A new page: nothing of this user stays in memory.
      location.assign(paths.landing);
    },
  });

  const copy = (text: string): void => {
    copyText(text).then(
      () => notify({ type: "success", content: `${t.copied}: ${text}`, id: "copied" }),
      () => notifyFailedCopy(t.notCopied, text),
    );
  };
  const utilities: TopNavigationProps.Utility[] = [];
  if (who !== undefined) {
    utilities.push(
      {
        type: "menu-dropdown",
        text: who.region,
        ariaLabel: `${t.region} ${who.region}`,
        items: [
          { id: "regions", text: t.region, items: who.regions.map((id) => ({ id, text: id, ...ticked(id === who.region) })) },
          {
            id: "addresses",
            text: t.endpoints,
            items: [
              { id: who.endpoint_url, text: who.endpoint_url, iconName: "copy" },
              { id: who.s3_endpoint_url, text: who.s3_endpoint_url, iconName: "copy" },
            ],
          },
        ],
        onItemClick: ({ detail }) => {
          if (detail.id.startsWith("http")) copy(detail.id);
        },
      },
      {
        type: "menu-dropdown",
        iconName: "user-profile",
        text: t.user(who.user_name, who.account_id),
        description: who.arn,
        items: [
          { id: "arn", text: t.copyArn, iconName: "copy" },
          { id: "sign-out", text: t.signOut },
        ],
        onItemClick: ({ detail }) => (detail.id === "arn" ? copy(who.arn) : leave.mutate()),
      },
    );
  }
  utilities.push(
    {
      type: "menu-dropdown",
      iconName: "settings",
      ariaLabel: t.settings,
      title: t.settings,
      items: [
        {
          id: "theme",
          text: t.theme,
          items: THEMES.map((id) => ({ id, text: t.themes[id], ...ticked(id === theme) })),
        },
        {
          id: "language",
          text: t.language,
          items: LANGUAGES.map(({ id, name }) => ({ id, text: name, lang: id, ...ticked(id === language) })),
        },
      ],
      onItemClick: ({ detail: { id } }) => {
        const chosen = THEMES.find((one) => one === id);
        if (chosen !== undefined) chooseTheme(chosen);
        else void speak(id as Language, true);
      },
    },
    {
      type: "menu-dropdown",
      iconName: "status-info",
      ariaLabel: t.help,
      title: t.help,
      items: [
        { id: "page", text: t.helpForPage },
        ...(who === undefined ? [] : [{ id: "version", text: t.version(who.version), disabled: true }]),
      ],
      onItemClick: ({ detail }) => {
        if (detail.id === "page") openHelp();
      },
    },
  );
  return (
    <div id="top-bar">
      <TopNavigation
        identity={{
          href: paths.landing,
          title: t.product,
          logo: { src: "/lensmith.svg", alt: t.product },
        }}
        utilities={utilities}
      />
    </div>
  );
}
