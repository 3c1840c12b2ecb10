import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import * as queries from "../api/queries.ts";
import { useWords } from "../words/language.ts";
import { BLOCKS, type Block, type Language, LANGUAGES, type Place, snippet } from "./snippets.ts";
import "./serving.css";

function Snippet(props: { readonly block: Block; readonly text: string }): ReactNode {
  const { serving: t, shell } = useWords();
  return (
    <div className="snippet" data-testid={`code-${props.block}`}>
      <div className="snippet-head">
        <Box variant="h4" tagOverride="h3">
          {t.blocks[props.block]}
        </Box>
        <CopyToClipboard
          variant="icon"
          textToCopy={props.text}
          copyButtonAriaLabel={t.copyCode(t.blocks[props.block])}
          copySuccessText={shell.copied}
          copyErrorText={shell.notCopied}
        />
      </div>
      {/* It scrolls sideways, so it takes the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0}>
        <code>{props.text}</code>
      </pre>
    </div>
  );
}

/** Code in four languages that starts, asks and stops the model. */
export function ApiCode(props: { readonly arn: string; readonly units: number }): ReactNode {
  const { serving: t } = useWords();
  const { data: who } = useQuery(queries.who());
  const [language, setLanguage] = useState<Language>("cli");
  if (who === undefined) return null;
  const place: Place = { arn: props.arn, units: props.units, endpoint: who.endpoint_url, region: who.region };
  return (
    <SpaceBetween size="s">
      <Box color="text-body-secondary">
        {t.codeHint} {t.replace}
      </Box>
      <Tabs
        activeTabId={language}
        onChange={({ detail }) => setLanguage(detail.activeTabId as Language)}
        tabs={LANGUAGES.map((id) => ({
          id,
          label: t.languages[id],
          content: (
            <SpaceBetween size="m">
              {BLOCKS.map((block) => (
                <Snippet key={block} block={block} text={snippet(id, block, place)} />
              ))}
            </SpaceBetween>
          ),
        }))}
      />
    </SpaceBetween>
  );
}
