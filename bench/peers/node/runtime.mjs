// Lambda's Runtime API over one connection that stays open, and nothing else: AWS's own client for Node.js takes longer.

import { connect } from "node:net";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const NEXT = `GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: ${host}\r\n\r\n`;

/** Answers one event after another with what `handle` returns or promises. */
export function run(handle) {
  const socket = connect(Number(port), host).setNoDelay();
  let read = Buffer.alloc(0);
  const answer = async (head, event) => {
    const id = /^lambda-runtime-aws-request-id: *(\S+)/im.exec(head)[1];
    const body = JSON.stringify(await handle(JSON.parse(event)));
    const length = Buffer.byteLength(body);
    socket.write(
      `POST /2018-06-01/runtime/invocation/${id}/response HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${length}\r\n\r\n${body}`,
    );
  };
  socket.on("data", (chunk) => {
    read = read.length === 0 ? chunk : Buffer.concat([read, chunk]);
    const blank = read.indexOf("\r\n\r\n");
    if (blank < 0) return;
    const head = read.latin1Slice(0, blank);
    const end = blank + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (read.length < end) return;
    const body = read.utf8Slice(blank + 4, end);
    read = read.subarray(end);
    if (head.startsWith("HTTP/1.1 202")) socket.write(NEXT);
    else void answer(head, body);
  });
  socket.write(NEXT);
}
