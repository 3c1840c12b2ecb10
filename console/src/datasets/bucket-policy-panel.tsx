import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import { parseS3Uri, parentOf } from "../shell/s3-uri.ts";
import { useWords } from "../words/language.ts";
import { bucketPolicy } from "./bucket-policy.ts";

/** For a bucket that is not the console's: the policy that its owner adds (S8). */
export function BucketPolicyPanel({ uri }: { readonly uri: string }): ReactNode {
  const { datasets, shell } = useWords();
  const t = datasets.policy;
  const { data: who } = useQuery(queries.who());
  const { data: setup } = useQuery(queries.setup());
  const place = parseS3Uri(uri);
  if (place === null || who === undefined || setup === undefined) return null;
  if (place.bucket === setup.bucket) return null;
  const prefix = place.key.endsWith("/") ? place.key : parentOf(place.key);
  const policy = bucketPolicy(place.bucket, prefix, who.account_id);
  return (
    <ExpandableSection headerText={t.title(place.bucket)} data-testid="bucket-policy">
      <SpaceBetween size="xs">
        <Box>{t.text}</Box>
        <div className="policy">
          <CopyToClipboard
            variant="icon"
            textToCopy={policy}
            copyButtonAriaLabel={shell.copy}
            copySuccessText={shell.copied}
            copyErrorText={shell.notCopied}
          />
          {/* It scrolls, so it takes the focus. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre tabIndex={0} aria-label={t.name}>
            {policy}
          </pre>
        </div>
      </SpaceBetween>
    </ExpandableSection>
  );
}
