// A toy storage server. It remembers the highest fencing token it has seen and refuses every write with a lower one: a writer that
// was stopped while it held the lock cannot know that others hold it now, but the storage can.
import { createServer } from 'node:http';

let highestToken = 0;
let value = '';

const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  request.on('end', () => {
    if (request.method === 'GET') {
      response.end(JSON.stringify({ value, highestToken }));
      return;
    }
    const write = JSON.parse(text);
    const stale = write.token < highestToken;
    if (!stale) {
      highestToken = write.token;
      ({ value } = write);
    }
    response.writeHead(stale ? 409 : 200).end(JSON.stringify({ value, highestToken }));
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`listening ${server.address().port}\n`));
