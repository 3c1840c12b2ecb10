import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ConnectionLost } from "../api/errors.ts";
import { signOut, type Who } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { session } from "../api/session.ts";
import { openHelp } from "../shell/frame.ts";
import { copyText } from "../shell/clipboard.ts";
import { notify, notifyFailedCopy } from "../shell/notices.ts";
import { paths } from "../shell/paths.ts";
import { type Language, LANGUAGES, speak, useLanguage, useWords, type Words } from "../words/language.ts";
import { leaveBehind } from "./left-session.ts";
import { chooseTheme, type Theme, useTheme } from "./theme.ts";
import "./top-bar.css";

const THEMES: readonly Theme[] = ["system", "light", "dark"];
const ticked = (isOn: boolean) => (isOn ? ({ iconName: "check" } as const) : {});

const address = (url: string) => ({ id: url, text: url, iconName: "copy" as const });

const copy = (text: string, t: Words["shell"]): void => {
  copyText(text).then(
    () => notify({ type: "success", content: `${t.copied}: ${text}`, id: "copied" }),
    () => notifyFailedCopy(t.notCopied, text),
  );
};

function RegionMenu({ who }: { readonly who: Who }): ReactNode {
  const { shell: t } = useWords();
  return (
    <ButtonDropdown
      ariaLabel={`${t.region} ${who.region}`}
      items={[
        {
          id: "regions",
          text: t.region,
          items: who.regions.map((id) => ({ id, text: id, ...ticked(id === who.region) })),
        },
        {
          id: "addresses",
          text: t.endpoints,
          items: [address(who.endpoint_url), address(who.s3_endpoint_url)],
        },
      ]}
      onItemClick={({ detail }) => {
        if (detail.id.startsWith("http")) copy(detail.id, t);
      }}
    >
      {who.region}
    </ButtonDropdown>
  );
}

function AccountMenu({ who }: { readonly who: Who }): ReactNode {
  const { shell: t } = useWords();
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: signOut,
    onSettled: (_, error) => {
      const isAway = error instanceof ConnectionLost;
      if (isAway) leaveBehind(who.expires_at);
      session.endEverywhere();
      // Nothing of this user stays in memory: by a new page, which only a server can send.
      if (isAway) client.clear();
      else location.assign(paths.landing);
    },
  });
  return (
    <ButtonDropdown
      items={[
        { id: "user", text: who.arn, disabled: true },
        { id: "arn", text: t.copyArn, iconName: "copy" },
        { id: "sign-out", text: t.signOut },
      ]}
      onItemClick={({ detail }) => (detail.id === "arn" ? copy(who.arn, t) : leave.mutate())}
    >
      {t.user(who.user_name, who.account_id)}
    </ButtonDropdown>
  );
}

function SettingsMenu(): ReactNode {
  const { shell: t } = useWords();
  const language = useLanguage();
  const theme = useTheme();
  const languages = LANGUAGES.map(({ id, name }) => ({
    id,
    text: name,
    lang: id,
    ...ticked(id === language),
  }));
  return (
    <ButtonDropdown
      variant="icon"
      ariaLabel={t.settings}
      iconName="settings"
      items={[
        {
          id: "theme",
          text: t.theme,
          items: THEMES.map((id) => ({ id, text: t.themes[id], ...ticked(id === theme) })),
        },
        { id: "language", text: t.language, items: languages },
      ]}
      onItemClick={({ detail: { id } }) => {
        const chosen = THEMES.find((one) => one === id);
        if (chosen !== undefined) chooseTheme(chosen);
        else void speak(id as Language, true);
      }}
    />
  );
}

function HelpMenu({ who }: { readonly who: Who | undefined }): ReactNode {
  const { shell: t } = useWords();
  return (
    <ButtonDropdown
      variant="icon"
      ariaLabel={t.help}
      iconName="status-info"
      items={[
        { id: "page", text: t.helpForPage },
        ...(who === undefined ? [] : [{ id: "version", text: t.version(who.version), disabled: true }]),
      ]}
      onItemClick={({ detail }) => {
        if (detail.id === "page") openHelp();
      }}
    />
  );
}

/**
 * The bar of every screen: region and addresses, account, language and appearance, help.
 * Cloudscape's TopNavigation draws each menu twice, 280 nodes in all (acceptance 64).
 */
export function TopBar(): ReactNode {
  const { shell: t } = useWords();
  const { data: who } = useQuery(queries.who());
  return (
    <header id="top-bar" className="awsui-context-top-navigation">
      <a className="top-bar-product" href={paths.landing}>
        <img src="/lensmith.svg" alt="" width="28" height="28" />
        {t.product}
      </a>
      {who === undefined ? null : (
        <>
          <RegionMenu who={who} />
          <AccountMenu who={who} />
        </>
      )}
      <SettingsMenu />
      <HelpMenu who={who} />
    </header>
  );
}
