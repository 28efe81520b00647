// A relying party that knows the issuer's URL and nothing else: finds the keys by OpenID discovery
// over HTTPS and verifies tokens with jose. A line of JSON in, a line out:
//   {"party": NAME, "issuer": URL, "audience": NAME, "token": JWT}
//   {"claims": {…}} or {"refused": CODE}
// A party keeps the keys that it fetched first for as long as it lives.
import { createInterface } from 'node:readline';

const jose = await import(`${process.env.KEYWARD_JOSE}/dist/node/esm/index.js`);
const parties = new Map();

async function keysOf(party, issuer) {
  if (!parties.has(party)) {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`);
    const document = await response.json();
    if (document.issuer !== issuer) throw new Error(`discovery names ${document.issuer}`);
    const keys = jose.createRemoteJWKSet(new URL(document.jwks_uri), {
      cacheMaxAge: Infinity,
      cooldownDuration: Infinity,
    });
    parties.set(party, keys);
  }
  return parties.get(party);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { party, issuer, audience, token } = JSON.parse(line);
  let answer;
  try {
    const { payload } = await jose.jwtVerify(token, await keysOf(party, issuer), {
      issuer,
      audience,
      algorithms: ['ES256'],
      typ: 'JWT',
      requiredClaims: ['sub', 'exp', 'nbf', 'iat', 'jti', 'oid', 'tid', 'appid', 'xms_mirid'],
    });
    answer = { claims: payload };
  } catch (error) {
    answer = { refused: error.code ?? String(error) };
  }
  console.log(JSON.stringify(answer));
}
