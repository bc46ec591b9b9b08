/**
 * The Secure Remote Password protocol as Cognito speaks it: proves that one knows a password, and does not
 * send it.
 *
 * RFC 5054 with the 3072-bit group of RFC 3526 (generator 2) and SHA-256; the key is derived by HKDF with
 * Cognito's own label. Numbers are hashed as Cognito's own clients write them: a zero byte before a leading
 * one bit.
 */

const N = BigInt(
  "0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);
const G = 2n;
const LABEL = "Caldera Derived Key\x01";
const SECRET_BYTES = 128;

const text = new TextEncoder();

/**
 * A secret number, and the public one that goes to the pool: `{secret, shared}`, where `shared` is SRP_A in
 * hex.
 */
export function begin(secret = fromBytes(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)))) {
  return { secret, shared: power(G, secret).toString(16) };
}

/**
 * The answer to the pool's PASSWORD_VERIFIER challenge: what RespondToAuthChallenge wants.
 *
 * `pool` is the id of the user pool, `parameters` the challenge's, `now` the time of the proof.
 */
export async function prove({ pool, password, begun, parameters, now = new Date() }) {
  const name = pool.split("_")[1] + parameters.USER_ID_FOR_SRP;
  const theirs = BigInt(`0x${parameters.SRP_B}`);
  if (theirs % N === 0n) throw new Error("The pool's number proves nothing.");
  const mixed = await hash(padded(BigInt(`0x${begun.shared}`)), padded(theirs));
  const x = fromBytes(
    await hash(padded(BigInt(`0x${parameters.SALT}`)), await hash(text.encode(`${name}:${password}`))),
  );
  const k = fromBytes(await hash(padded(N), padded(G)));
  const u = fromBytes(mixed);
  const base = modulo(theirs - k * power(G, x));
  const agreed = power(base, begun.secret + u * x);
  const derived = await sign(await sign(padded(u), padded(agreed)), text.encode(LABEL));
  const timestamp = asCognitoWritesIt(now);
  const block = Uint8Array.from(atob(parameters.SECRET_BLOCK), (character) => character.charCodeAt(0));
  const signature = await sign(
    derived.slice(0, 16),
    joined(text.encode(name), block, text.encode(timestamp)),
  );
  return {
    USERNAME: parameters.USERNAME ?? parameters.USER_ID_FOR_SRP,
    PASSWORD_CLAIM_SECRET_BLOCK: parameters.SECRET_BLOCK,
    PASSWORD_CLAIM_SIGNATURE: btoa(String.fromCharCode(...signature)),
    TIMESTAMP: timestamp,
  };
}

function power(base, exponent) {
  let result = 1n;
  let square = modulo(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = modulo(result * square);
    square = modulo(square * square);
  }
  return result;
}

function modulo(number) {
  const rest = number % N;
  return rest < 0n ? rest + N : rest;
}

function padded(number) {
  const digits = number.toString(16);
  const even = digits.length % 2 ? `0${digits}` : digits;
  const positive = /^[89a-f]/.test(even) ? `00${even}` : even;
  return Uint8Array.from(positive.match(/../g), (pair) => Number.parseInt(pair, 16));
}

function fromBytes(bytes) {
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}

function joined(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

async function hash(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

async function sign(key, message) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

/** As in "Thu Nov 5 16:05:09 UTC 2026": English names, and no zero before the day. */
function asCognitoWritesIt(moment) {
  const [weekday, day, month, year, time] = moment.toUTCString().replace(",", "").split(" ");
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}
