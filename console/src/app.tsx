/** The frame of all pages: who is signed in, the menu of what the key may do, and the page of the address. */

import { type ComponentType, Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import { href, setParams, TENANT, useAddress } from "./address";
import { call } from "./api/client";
import { useAnswer } from "./api/use-answer";
import { PAGES, type Page, type PageProps } from "./pages";
import { Failed, Loaded, Loading } from "./parts/states";
import { type Caller, environmentOf, may, onSignOut, serviceKey, signOut } from "./session";
import { SignIn } from "./sign-in";
import { TenantChoice } from "./tenant-choice";
import { ThemeChoice } from "./theme";

export function App() {
  const [isSignedIn, setSignedIn] = useState(serviceKey() !== null);
  useEffect(() => onSignOut(() => setSignedIn(false)), []);
  return isSignedIn ? <SignedIn /> : <SignIn onDone={() => setSignedIn(true)} />;
}

function SignedIn() {
  const asking = useAnswer("caller", (signal) => call("get", "/api/byok/caller", {}, signal));
  return (
    <Loaded asking={asking} what="what your key may do">
      {(caller) => <Frame caller={caller} />}
    </Loaded>
  );
}

function Frame({ caller }: { caller: Caller }) {
  const address = useAddress();
  const page = PAGES.find((each) => each.name === address.page);
  useEffect(() => {
    document.title = page ? `${page.title} – atom-llm` : "atom-llm";
  }, [page]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <a class="brand" href={href("")}>
          atom-llm <span class="quiet">{environmentOf(serviceKey())}</span>
        </a>
        <nav aria-label="Pages">
          {PAGES.filter((each) => may(caller, each.scope)).map((each) => (
            <a key={each.name} href={href(each.name)} aria-current={each === page ? "page" : undefined}>
              {each.title}
            </a>
          ))}
        </nav>
        <div class="session">
          <span>
            {caller.tenant_name}
            {caller.is_operator && <span class="badge">operator</span>}
          </span>
          {caller.is_operator && may(caller, "admin") && <TenantChoice own={caller.tenant} />}
          <ThemeChoice />
          <button type="button" onClick={leave}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {page ? <Opened page={page} caller={caller} /> : <p class="empty">There is no such page.</p>}
      </main>
    </>
  );
}

/** Sign out, and forget whose pages were looked at: the next key may be another tenant's. */
function leave() {
  setParams({ [TENANT]: null });
  signOut();
}

function Opened({ page, caller }: { page: Page; caller: Caller }) {
  const [opened, setOpened] = useState<{ page: Page; show: ComponentType<PageProps> } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const isAllowed = may(caller, page.scope);
  useEffect(() => {
    if (!isAllowed) return;
    let isWanted = true;
    page.load().then(
      (loaded) => isWanted && setOpened({ page, show: loaded.default }),
      (error) => isWanted && setFailure(error),
    );
    return () => {
      isWanted = false;
    };
  }, [page, isAllowed]);
  if (!isAllowed) {
    return (
      <p class="empty">
        {page.title} needs a service key with the scope <code>{page.scope}</code>.
      </p>
    );
  }
  if (failure) return <Failed error={failure} />;
  if (opened?.page !== page) return <Loading what={page.title} />;
  const Shown = opened.show;
  return (
    <Fragment>
      <h1>{page.title}</h1>
      <Shown caller={caller} />
    </Fragment>
  );
}
