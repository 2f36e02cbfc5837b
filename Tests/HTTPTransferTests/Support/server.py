"""An HTTP server that behaves well or badly, as the path says. Prints its port, ends with its standard input."""
import asyncio, json, os, ssl, sys

connections = 0
received = 0


async def serve(reader, writer):
    global connections
    connections += 1
    mine = connections
    try:
        while await exchange(reader, writer, mine):
            pass
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def send(writer, status, body=b"", fields=()):
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *fields]
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode() + body)


async def exchange(reader, writer, mine):
    global received
    line = await reader.readline()
    if not line:
        return False
    method, target, _ = line.decode().split(" ", 2)
    fields = []
    while (line := await reader.readline()) not in (b"\r\n", b""):
        name, value = line.decode().rstrip("\r\n").split(":", 1)
        fields.append([name, value.strip()])
    lengths = [int(value) for name, value in fields if name.lower() == "content-length"]
    body = await reader.readexactly(lengths[0]) if lengths else b""
    path, _, argument = target.partition("?")
    number = int(argument) if argument.isdigit() else 0
    if path == "/echo":
        told = {"method": method, "target": target, "fields": fields, "body": body.decode("latin1"), "connection": mine}
        send(writer, 200, json.dumps(told).encode(), ["X-Twice: one", "x-twice:  two  ", "X-Empty:"])
    elif path == "/status":
        send(writer, number, b"said", ["Location: /elsewhere"])
    elif path == "/nothing":
        writer.write(b"HTTP/1.1 204 X\r\n\r\n")
    elif path == "/bytes":
        send(writer, 200, bytes(i * 31 % 256 for i in range(number)))
    elif path == "/chunks":
        writer.write(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
        for index in range(number):
            piece = b"%d;" % index
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
    elif path == "/interim":
        writer.write(b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n")
        send(writer, 200, b"final", ["X-Final: yes"])
    elif path == "/delay":
        await asyncio.sleep(number / 1000)
        send(writer, 200, b"late")
    elif path == "/hang":
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nhalf-")
        await writer.drain()
        received += 1
        # Until the client goes away.
        await reader.read()
        received -= 1
        return False
    elif path == "/endless":
        writer.write(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
        block = b"x" * 65536
        while True:
            received += len(block)
            writer.write(b"10000\r\n" + block + b"\r\n")
            await writer.drain()
    elif path == "/reset":
        writer.transport.abort()
        return False
    elif path == "/truncate":
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nonly this")
        await writer.drain()
        return False
    elif path == "/garbage":
        writer.write(b"\x00\x01 what is this\r\n\r\n")
        await writer.drain()
        return False
    elif path == "/bigheader":
        send(writer, 200, b"", [f"X-{i}: " + "y" * 1000 for i in range(400)])
    elif path == "/close":
        send(writer, 200, b"closed without notice")
        await writer.drain()
        return False
    elif path == "/counters":
        send(writer, 200, json.dumps([connections, received]).encode())
    else:
        send(writer, 404)
    await writer.drain()
    return True


async def main():
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1] + "/server.pem", sys.argv[1] + "/server.key")
        if len(sys.argv) > 2:
            context.load_verify_locations(sys.argv[1] + "/ca.pem")
            context.verify_mode = ssl.CERT_REQUIRED
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
