// An issuer of tokens that jose signs: publishes its keys over HTTPS, with the certificate and key that
// KEYWARD_ISSUER_CERTIFICATE and KEYWARD_ISSUER_KEY name, and signs what it is told to. Its first line is
// {"url": URL}; then a line of JSON in, a line out:
//   {"alg": NAME, "kid": NAME, "header": {…}, "claims": {…}}
//   {"token": JWT}
// Keys: "rsa" (RS256) and "ec" (ES256), which URL/twice publishes once and twice; "own" nowhere.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createInterface } from 'node:readline';

const jose = await import(`${process.env.KEYWARD_JOSE}/dist/node/esm/index.js`);

const keys = {
  rsa: await jose.generateKeyPair('RS256', { extractable: true }),
  ec: await jose.generateKeyPair('ES256', { extractable: true }),
  own: await jose.generateKeyPair('ES256', { extractable: true }),
};

async function jwk(name, alg) {
  return { ...(await jose.exportJWK(keys[name].publicKey)), kid: name, use: 'sig', alg };
}

const rsa = await jwk('rsa', 'RS256');
const ec = await jwk('ec', 'ES256');
const server = createServer({
  cert: readFileSync(process.env.KEYWARD_ISSUER_CERTIFICATE),
  key: readFileSync(process.env.KEYWARD_ISSUER_KEY),
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `https://localhost:${server.address().port}`;
const discovery = '/.well-known/openid-configuration';
const pages = {
  [discovery]: { issuer: url, jwks_uri: `${url}/keys` },
  '/keys': { keys: [rsa, ec] },
  [`/twice${discovery}`]: { issuer: `${url}/twice`, jwks_uri: `${url}/twice/keys` },
  '/twice/keys': { keys: [rsa, ec, { ...rsa, kid: 'ec', alg: 'RS256' }] },
};
server.on('request', (request, response) => {
  response.statusCode = request.url in pages ? 200 : 404;
  response.end(JSON.stringify(pages[request.url] ?? {}));
});
console.log(JSON.stringify({ url }));

async function sign({ alg, kid, header, claims }) {
  if (alg === 'none') return new jose.UnsecuredJWT(claims).encode();
  const key = alg.startsWith('HS')
    ? new TextEncoder().encode(await jose.exportSPKI(keys[kid].publicKey))
    : keys[kid in keys ? kid : 'own'].privateKey;
  return new jose.SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(key);
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ token: await sign(JSON.parse(line)) }));
}
server.close();
server.closeAllConnections();
