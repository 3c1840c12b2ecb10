import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { hasCode } from "../api/errors.ts";
import { PROVIDER_PATH, readOpenId, signIn } from "../api/lensmith.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { type Language, LANGUAGES, speak, useFormat, useLanguage, useWords } from "../words/language.ts";
import { leftUntil } from "./left-session.ts";
import { Picture } from "./picture.tsx";

const UNKNOWN = ["UnrecognizedClientException", "InvalidClientTokenId", "SignatureDoesNotMatch"];

function KeyForm(): ReactNode {
  const { session: t } = useWords();
  const [id, setId] = useState("");
  const [secret, setSecret] = useState("");
  const [missing, setMissing] = useState(false);
  const { mutate, error, isPending } = useMutation({ mutationFn: signIn });
  const isWrong = hasCode(error, ...UNKNOWN);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setMissing(id === "" || secret === "");
        if (id !== "" && secret !== "") {
          mutate({ access_key_id: id.trim(), secret_access_key: secret.trim() });
        }
      }}
    >
      <SpaceBetween size="m">
        <FormField label={t.accessKey} errorText={missing && id === "" ? t.required : ""}>
          <Input
            value={id}
            name="username"
            autoComplete="username"
            spellcheck={false}
            onChange={({ detail }) => setId(detail.value)}
          />
        </FormField>
        <FormField
          label={t.secretKey}
          constraintText={t.secretHint}
          errorText={isWrong ? t.wrongKeys : missing && secret === "" ? t.required : ""}
        >
          <Input
            value={secret}
            type="password"
            name="password"
            autoComplete="current-password"
            onChange={({ detail }) => setSecret(detail.value)}
          />
        </FormField>
        <ErrorAlert error={isWrong ? null : error} />
        <Button variant="primary" fullWidth loading={isPending} data-testid="sign-in">
          {t.signIn}
        </Button>
      </SpaceBetween>
    </form>
  );
}

/** The way to the provider that the server's settings name, if they name one. */
function ProviderButton(): ReactNode {
  const { session: t } = useWords();
  const { data } = useQuery({ queryKey: ["openid"], queryFn: readOpenId, retry: false });
  if (data?.configured !== true) return null;
  return (
    <Button variant="primary" fullWidth href={PROVIDER_PATH} data-testid="sign-in-provider">
      {t.withProvider}
    </Button>
  );
}

function Hint(): ReactNode {
  const { session: t } = useWords();
  return (
    <Box color="text-body-secondary">
      {t.fromTerminal.split("`").map((text, index) =>
        index % 2 === 1 ? (
          <Box key={text} variant="code">
            {text}
          </Box>
        ) : (
          text
        ),
      )}
    </Box>
  );
}

/** The first screen of a browser without a session. */
export function SignInPage(props: {
  readonly tokenError: unknown;
  readonly hasEnded: boolean;
}): ReactNode {
  const { session: t, shell, landing } = useWords();
  const language = useLanguage();
  useEffect(() => {
    document.title = `${t.signIn} - ${shell.product}`;
  }, [t, shell]);
  const format = useFormat();
  const left = leftUntil();
  const isUsed = hasCode(props.tokenError, ...UNKNOWN, "ExpiredTokenException");
  return (
    <div className="sign-in">
      <aside className="sign-in-side">
        <div className="brand">
          <img src="/lensmith.svg" alt="" width="36" height="36" />
          {shell.product}
        </div>
        <p className="sign-in-claim">{landing.hero}</p>
        <Picture />
      </aside>
      <main className="sign-in-main">
        <div className="sign-in-language">
          <ButtonDropdown
            variant="icon"
            ariaLabel={shell.language}
            items={LANGUAGES.map(({ id, name }) => ({ id, text: name, lang: id, disabled: id === language }))}
            onItemClick={({ detail }) => void speak(detail.id as Language, true)}
          />
        </div>
        <div className="sign-in-form">
          <SpaceBetween size="l">
            <div>
              <Box variant="h1">{t.signIn}</Box>
              <Box color="text-body-secondary">{t.signInLead}</Box>
            </div>
            {left !== null ? (
              <Alert type="warning" header={t.left} data-testid="left-session">
                {t.leftDetail(format.date(left))}
              </Alert>
            ) : props.hasEnded ? (
              <Alert type="info">{t.ended}</Alert>
            ) : null}
            {isUsed ? (
              <Alert type="warning" header={t.wrongToken}>
                {t.wrongTokenDetail}
              </Alert>
            ) : (
              <ErrorAlert error={props.tokenError} />
            )}
            <ProviderButton />
            <Hint />
            <Box variant="h3" tagOverride="h2" padding={{ top: "s" }}>
              {t.withKeys}
            </Box>
            <KeyForm />
          </SpaceBetween>
        </div>
      </main>
    </div>
  );
}

/** Asks again when a session has ended, above the page, which keeps its state. */
export function SignInDialog(props: { readonly onPutOff: () => void }): ReactNode {
  const { session: t, shell } = useWords();
  return (
    <Modal visible header={t.signIn} closeAriaLabel={shell.close} onDismiss={props.onPutOff}>
      <SpaceBetween size="m">
        <Alert type="info">{t.ended}</Alert>
        <Hint />
        <KeyForm />
      </SpaceBetween>
    </Modal>
  );
}

/** The button of the notice that stands for a dialog that was put off. */
export function SignInAgain(props: { readonly onClick: () => void }): ReactNode {
  const { session: t } = useWords();
  return <Button onClick={props.onClick}>{t.signIn}</Button>;
}
