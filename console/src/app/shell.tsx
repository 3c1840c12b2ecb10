import AppLayoutToolbar from "@cloudscape-design/components/app-layout-toolbar";
import SideNavigation, {
  type SideNavigationProps,
} from "@cloudscape-design/components/side-navigation";
import { Outlet, useLocation } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { changeFrame, useFrame } from "../shell/frame.ts";
import { paths } from "../shell/paths.ts";
import { useWords, type Words } from "../words/language.ts";
import { activeLink, projectIn } from "./active-link.ts";
import { Crumbs } from "./crumbs.tsx";
import { GeneralHelp } from "./general-help.tsx";
import { Notices } from "./notices.tsx";
import { SetupGate } from "./setup-gate.tsx";
import { TopBar } from "./top-bar.tsx";

const link = (text: string, href: string): SideNavigationProps.Link => ({ type: "link", text, href });

function links(t: Words["shell"]["nav"], project: string | null): SideNavigationProps["items"] {
  const inside: SideNavigationProps.Item[] =
    project === null
      ? []
      : [
          {
            type: "expandable-link-group",
            text: project,
            href: paths.project(project),
            defaultExpanded: true,
            items: [
              link(t.dataset, paths.gallery(project)),
              link(t.health, paths.health(project)),
              link(t.models, paths.models(project)),
            ],
          },
        ];
  return [
    link(t.getStarted, paths.landing),
    link(t.tutorials, paths.tutorials),
    link(t.examples, paths.examples),
    link(t.projects, paths.projects),
    ...inside,
    link(t.datasets, paths.datasets),
    { type: "divider" },
    link(t.tryModel, paths.tryModel),
    link(t.feedback, paths.feedback),
    link(t.storage, paths.storage()),
  ];
}

/** Top bar, navigation, breadcrumbs, notices and help around every screen. */
export function Shell(): ReactNode {
  const { shell: t } = useWords();
  const { crumbs, help, helpOpen, focused } = useFrame();
  const pathname = useLocation({ select: (location) => location.pathname });
  const [navigationOpen, setNavigationOpen] = useState(innerWidth >= 1000);
  return (
    <>
      {focused ? null : <TopBar />}
      <AppLayoutToolbar
        {...(focused ? {} : { headerSelector: "#top-bar" })}
        navigationHide={focused}
        disableContentPaddings={focused}
        maxContentWidth={1800}
        navigationOpen={navigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        navigation={
          <SideNavigation
            header={{ text: t.service, href: paths.landing }}
            activeHref={activeLink(pathname)}
            items={links(t.nav, projectIn(pathname))}
          />
        }
        breadcrumbs={focused ? undefined : <Crumbs crumbs={crumbs} />}
        notifications={<Notices />}
        stickyNotifications
        tools={help ?? <GeneralHelp />}
        toolsHide={focused}
        toolsOpen={helpOpen}
        onToolsChange={({ detail }) => changeFrame({ helpOpen: detail.open })}
        ariaLabels={{
          navigation: t.navigation,
          navigationToggle: t.openNavigation,
          navigationClose: t.closeNavigation,
          tools: t.help,
          toolsToggle: t.openHelp,
          toolsClose: t.closeHelp,
          notifications: t.notifications,
        }}
        content={
          <SetupGate pathname={pathname}>
            <Outlet />
          </SetupGate>
        }
      />
    </>
  );
}
