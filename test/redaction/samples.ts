/**
 * Fresh samples, put together at run time so that nothing here looks like a live
 * credential: `%x32` is 32 hex digits, `%a40` letters and digits, `%b24` base64,
 * `%d9` digits, `%u16` capitals and digits, `%w` a password; `%_` is nothing, in the
 * middle of a prefix. Each run of a seed gives
 * the same ones.
 */

const ALPHABETS: { readonly [kind: string]: string } = {
  x: '0123456789abcdef',
  a: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  b: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  d: '0123456789',
  u: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
};

export interface Sample {
  text: string;
  secrets: string[];
}

/** A generator of numbers below a bound, the same for a seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Fills a template; what stands in `«…»` is secret. */
export function fill(template: string, random: (below: number) => number): Sample {
  const text = template
    .replaceAll('%_', '')
    .replace(/%([xabdu])(\d+)|%w/g, (_, kind: string | undefined, size: string) => {
      if (kind === undefined)
        return `${word('a', 7, random)}7${'-_.'[random(3)]}q${word('a', 3, random)}`;
      return word(kind, Number(size), random);
    });
  const secrets = [...text.matchAll(/«([^»]*)»/g)].map(([, secret = '']) => secret);
  return { text: text.replace(/[«»]/g, ''), secrets };
}

function word(kind: string, size: number, random: (below: number) => number): string {
  const alphabet = ALPHABETS[kind] ?? '';
  const letters = Array.from({ length: size }, () => alphabet.charAt(random(alphabet.length))).join(
    '',
  );
  // A digit somewhere in it, as nearly all have.
  return size > 8 && kind !== 'd' ? `${letters.slice(0, 4)}7${letters.slice(5)}` : letters;
}

/** Credentials by their place: the value itself has no format. */
export const PLACES: readonly string[] = [
  'DB_PASSWORD=«%w»',
  'export MYSQL_ROOT_PASSWORD="«%w»"',
  "PGPASSWORD='«%w»' psql -h db",
  '{"password": "«%w»"}',
  '{"user":{"name":"bob","passwd":"«%w»"},"ok":true}',
  '{"Authorization":"Bearer «%a40»"}',
  '{"headers":{"x-api-key":"«%x32»","accept":"*/*"}}',
  '{"headers":[["Authorization","Basic «%b24»"],["Accept","text/html"]]}',
  '{"headers":[{"name":"Authorization","value":"Bearer «%a32»"},{"name":"Host","value":"example.com"}]}',
  '{"env":[{"name":"STRIPE_API_SECRET","value":"«%a24»"}]}',
  '{"args":["--user","bob","--password","«%w»"]}',
  '{"connectionString":"«Server=tcp:db,1433;User ID=sa;Password=%w;»"}',
  '{"credentials":{"access_key":"«%u20»","secret_key":"«%b40»"}}',
  '{"clientSecret":"«%a40»","clientId":"web"}',
  '{"token":"«%a40»"}',
  '{"refresh_token":"«%a64»","expires_in":3600}',
  '{"private_key_password":"«%w»"}',
  '{"body":"{\\"password\\":\\"«%a12»\\"}"}',
  '{"log":"login with password=«%w» failed"}',
  '{"set-cookie":"sid=«%a32»; Path=/; HttpOnly"}',
  '{"Cookie":["a=«%a24»"]}',
  '{"cvv":"«%d3»"}',
  '{"card":{"pin":«%d6»}}',
  'password: «%w»',
  '  password: "«%w»"',
  'spring.datasource.password=«%w»',
  'apiKey: «%a32»',
  "const apiKey = '«%a32»';",
  'client.secret_access_key = "«%b40»"',
  'config["api_key"] = "«%x40»"',
  'Authorization: Bearer «%a48»',
  'authorization: Token «%x40»',
  'Proxy-Authorization: Basic «%b24»',
  'Authorization: AWS4-HMAC-SHA256 Credential=«%u20/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=%x64»',
  'Authorization: Digest username="x", «realm="r", nonce="%x32", response="%x32"»',
  'X-Auth-Token: «%a32»',
  'Cookie: «session=%a32; csrftoken=%a32»',
  'Set-Cookie: «JSESSIONID=%u32; Path=/; Secure»',
  'curl -u «bob:%w» https://api.example.com',
  "curl --user '«svc:%w»' https://api.example.com",
  'curl -H "X-Api-Key: «%a32»" https://api.example.com',
  'mysql -u root -p«%a12» app',
  'sshpass -p «%w» ssh host',
  'psql postgres://app:«%a16»@db:5432/app',
  'redis://:«%a24»@cache:6379/0',
  'mongodb+srv://admin:«%a16»@cluster0.example.net/test',
  'amqp://guest2:«%w»@mq:5672',
  'git clone https://«%a40»@git.example.com/a/b.git',
  'https://bob:«%w»@example.com/path?x=1',
  'https://s3.example.com/b/k?X-Amz-Credential=x&X-Amz-Signature=«%x64»&X-Amz-Expires=60',
  'https://acct.blob.example.net/c?sv=2024-01-01&sig=«%b40»%3D&se=2026',
  'https://api.example.com/v1?api_key=«%x32»&q=1',
  'https://app.example.com/reset?token=«%a40»',
  'jdbc:mysql://db/app?user=app&password=«%a16»',
  'Server=db;Database=app;User Id=sa;Password=«%w»;Encrypt=true',
  'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=«%b64»%b22==;EndpointSuffix=core',
  '<password>«%w»</password>',
  '<property name="password" value="«%w»"/>',
  '<ns:apiKey>«%a32»</ns:apiKey>',
  "CREATE USER bob WITH PASSWORD '«%w»';",
  "ALTER USER 'a'@'%' IDENTIFIED BY '«%w»';",
  'my password is «%w», please check',
  'The API key is «%a32».',
  'wifi passphrase: «%w»',
  'machine git.example.com login bob password «%w»',
  'os.environ["SECRET_KEY"] = "«%a32»"',
  'setCredentials("api_token", "«%a32»")',
  'kubectl create secret generic x --from-literal=password=«%w»',
  'terraform apply -var "db_password=«%w»"',
  'docker login --username x --password «%w»',
  'gh auth login --with-token «%a40»',
  'TOKEN=«%a40» npm publish',
  'SENTRY_AUTH_TOKEN: «%x64»',
  "'secret': '«%a32»',",
  '"webhook_secret" => "«%a32»",',
  'encryptionKey := "«%b44»"',
  '- name: GRAFANA_PASSWORD\n  value: «%w»',
  'DD_API_KEY=«%x32»',
  'OPENAI_KEY=«%a40»',
  '-----BEGIN OPENSSH PRIVATE KEY-----\n«%b64»\n«%b64»\n-----END OPENSSH PRIVATE KEY-----',
  '-----BEGIN EC PRIVATE KEY-----\\n«%b64»\\n-----END EC PRIVATE KEY-----',
  'eyJ%a20.eyJ%a40.«%a43»',
  'airtable uses «pa%_t%a14.%x64» here',
  'Bearer «%a64»',
];

/** Personal data, each the value of its check digits. */
export const PERSONS: readonly string[] = [
  'mail «jane.o+x@sub.example.co.uk» now',
  '{"to":"«a_b@example.io»"}',
  'https://x.example/u?mail=«bob%40example.com»&y=1',
  '<«müller@beispiel.de»>',
  'card «4242 4242 4242 4242» exp 04/29',
  'pan=«5555555555554444»',
  '«378282246310005» was declined',
  'pay with «3530-1113-3330-0000».',
  '{"number":«4012888888881881»}',
  'IBAN «DE89 3704 0044 0532 0130 00»',
  'to «GB29NWBK60161331926819».',
  'konto «AT611904300234573201»',
  'SSN «536-22-1234»',
  '{"ssn":"«536221234»"}',
  'from «203.0.113.77» port 22',
  '[«2001:db8:85a3::8a2e:370:7334»]:443',
  'ip «2001:0db8:0000:0000:0000:ff00:0042:8329»',
  'mac «00:1B:44:11:3A:B7»',
  'mac «00-1b-44-11-3a-b7»',
  'call «+49 30 901820» today',
  'tel. «030 901820-55»',
  '«(415) 555-2671» ext',
  '«+1-415-555-2671»',
  '{"phone":"«0171 2345678»"}',
  '{"mobileNumber":"«9876543210»"}',
  'WhatsApp «+5511998765432»',
  'text me at «415.555.2671» ok',
];

/** What stays: it only looks like something. */
export const BENIGN: readonly string[] = [
  '{"id":"resp_%x48","object":"response","created_at":1747992953}',
  '{"trace_id":"trace_%x32","span_id":"span_%x24","parent_id":null}',
  '{"tool_call_id":"call_%a24","name":"lookup_order"}',
  '{"usage":{"input_tokens":1200,"output_tokens":80,"total_tokens":1280}}',
  '{"max_tokens":4096,"stop_token":null,"token_type":"bearer"}',
  '{"logprobs":[{"token":" Hello","logprob":-0.1},{"token":"!","logprob":-2}]}',
  '{"type":"object","properties":{"password":{"type":"string","description":"The new password"}},"required":["password"]}',
  '{"primary_key":"id","sort_key":"created_at","cache_key":"user:42:cart"}',
  '{"session":"open","author":"Jane","authority":"city"}',
  '{"monkey":"banana","keyboard":"qwerty","turkey":"yes"}',
  'interface Login { user: string; password: string; token?: string }',
  'const password = req.body.password;',
  'if (token === undefined) throw new Error("token is missing");',
  'password=os.environ["DB_PASSWORD"]',
  `API_KEY=\${API_KEY}`,
  'token: {{ .Values.token }}',
  'Authorization: Bearer <token>',
  'Forgot your password? Reset it from the settings page.',
  'The secret of good bread is time.',
  'Basic understanding of the topic is required.',
  'Bearer of bad news.',
  'The key is under the mat, the token of our friendship.',
  'commit %x40 fixes #4521',
  'sha256:%x64',
  'etag: W/"%x27"',
  'integrity sha512-%b86==',
  'released 2026-11-24T09:14:07.331Z, build 20261124.3',
  'v10.2.33.4 and version 1.2.3.4 of the library',
  'localhost 127.0.0.1:8080 and 0.0.0.0',
  'std::vector<int> a::b, C::d',
  'order 70072, ticket 45490, invoice 1777895477507565',
  'ISBN 978-3-16-148410-0',
  'pi is 3.14159265358979, c is 299792458 m/s',
  'score 3:2, time 12:34:56, ratio 16:9',
  'Revenue rose to 12,345,678 from 11 234 567.',
  'git clone git@github.com:owner/name.git',
  'npm install @scope/name@1.2.3 left-pad@latest',
  '.sk-toggleable__content-arrow { color: #fff }',
  'data:image/png;base64,%b64',
  'uuid 9036818f-8ec8-48c5-b150-df6aba0c1fd5',
  'file-%a24 and asst_%a24 and vs_%x24',
  'passed 12 of 14 tests; bypass=true; compass: north',
  'https://example.com/docs/tokens?page=2&sort=key',
  'SELECT token_count, key FROM stats WHERE author = 7',
];
