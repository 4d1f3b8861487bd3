// npm's oidc-provider on loopback: `node server.mjs PORT`. Keys are made at its start, so that a restart rotates them.
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const AUDIENCE = "api://atom";
const REDIRECT = "http://127.0.0.1:9/callback";
const CONSOLE = "http://127.0.0.1/console/oidc.html"; // a native client's, on whatever port

async function signingKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: `${alg}-${process.pid}`, alg, use: "sig" };
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "batch-job",
      client_secret: "s".repeat(32),
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: "console",
      token_endpoint_auth_method: "none",
      application_type: "native",
      grant_types: ["authorization_code"],
      redirect_uris: [REDIRECT, CONSOLE],
      response_types: ["code"],
    },
  ],
  jwks: { keys: [await signingKey("RS256"), await signingKey("ES256")] },
  cookies: { keys: ["x".repeat(32)] },
  clientBasedCORS: () => true,
  pkce: { required: () => true },
  claims: { openid: ["sub", "groups"] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, groups: ["llm-users"] }) }),
  extraTokenClaims: () => ({ groups: ["llm-users"] }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_, client) => (client.clientId === "batch-job" ? AUDIENCE : undefined),
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: "llm",
        audience: resource,
        accessTokenFormat: "jwt",
        accessTokenTTL: 300,
        jwt: { sign: { alg: "ES256" } },
      }),
    },
  },
});
provider.listen(port, "127.0.0.1");
