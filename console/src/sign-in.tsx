/** Signing in: a service key is pasted, tried, and kept until the tab is closed; or an issuer vouches for the person. */

import { useEffect, useState } from "preact/hooks";
import { ApiError, addressOf, call } from "./api/client";
import { signIn, signOut } from "./session";

export function SignIn({ onDone }: { onDone: () => void }) {
  const [key, setKey] = useState("");
  const [fault, setFault] = useState("");
  const [isTrying, setTrying] = useState(false);
  const [issuers, setIssuers] = useState<readonly string[]>([]);
  useEffect(() => {
    call("get", "/api/byok/identity/sign-in").then(
      ({ items }) => setIssuers(items.map((each) => each.issuer)),
      () => setIssuers([]), // a key may be pasted all the same, and trying it tells what is wrong
    );
  }, []);
  const tryKey = async (event: Event) => {
    event.preventDefault();
    setTrying(true);
    setFault("");
    signIn(key.trim());
    try {
      await call("get", "/api/byok/caller");
      onDone();
    } catch (error) {
      signOut();
      setFault(error instanceof ApiError ? error.message : "The key could not be tried.");
    } finally {
      setTrying(false);
    }
  };
  return (
    <main class="sign-in">
      <h1>atom-llm</h1>
      {issuers.map((issuer) => (
        <p key={issuer}>
          <a href={`oidc.html?issuer=${encodeURIComponent(issuer)}`}>Sign in with {new URL(issuer).host}</a>
        </p>
      ))}
      <form onSubmit={tryKey}>
        <label>
          Service key
          <input
            type="password"
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
            autoComplete="off"
            spellcheck={false}
            required
            aria-describedby="about-the-key"
          />
        </label>
        <button type="submit" disabled={isTrying}>
          {isTrying ? "Trying…" : "Sign in"}
        </button>
        <p id="about-the-key" class="quiet">
          It begins with <code>atom_</code>; <code>make run</code> prints one, and <code>make admin-key</code> makes
          one. It stays in this tab until you sign out or close it, and is sent to {new URL(addressOf("/")).host} alone.
        </p>
        {fault && (
          <p class="failed" role="alert">
            {fault}
          </p>
        )}
      </form>
    </main>
  );
}
