"""A TCP proxy on loopback that can cut connections and refuse new ones: a bad network before a healthy server."""

import asyncio
import errno
import socket
import struct
import threading

from .processes import free_port
from .waiting import wait_until

FRAME_HEADER = 4
LISTEN_SECONDS = 8


class Proxy:
    """Stands in front of a server on this machine. Closed when it is made; `open` lets connections through.

    A server that is stopped says goodbye and forgets what it was doing. Behind a proxy that is cut it does neither. What it
    passes on comes `delay` seconds later, either way: a server far away.
    """

    def __init__(self, target_port, delay=0.0):
        self.port = free_port()
        self._delay = delay
        self._target_port = target_port
        self._server = None
        self._passes = False
        self._is_mute = False
        self._links = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy-{self.port}", daemon=True)
        self._thread.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def open(self):
        """Lets connections through, from now on."""
        if not self._loop.is_closed():
            self._run(self._open())
        return self

    def mute(self):
        """Lets every connection stand and takes new ones, but passes nothing on; `open` ends it with a reset of them all."""
        self._is_mute = True

    def cut(self):
        """Resets every connection and refuses new ones until it is opened again."""
        if not self._loop.is_closed():
            self._run(self._cut())

    def await_end(self):
        """Waits until all that clients wrote, who are gone, has been passed on."""
        wait_until(lambda: not self._links, "the proxy has passed on what its dead clients wrote", 10)

    def close(self):
        if self._loop.is_closed():
            return
        self.cut()
        self._run(self._stop_listening())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self):
        self._passes = True
        if self._is_mute:
            self._is_mute = False
            await self._reset_all()
        if self._server is None:
            self._server = await self._listen()

    async def _listen(self):
        end = self._loop.time() + LISTEN_SECONDS
        while True:
            try:
                return await asyncio.start_server(self._link, "127.0.0.1", self.port)
            except OSError as failure:
                # While nobody listened, a client elsewhere may have been given the port as its own end for a moment.
                if failure.errno != errno.EADDRINUSE or self._loop.time() > end:
                    raise
            await asyncio.sleep(0.1)

    async def _cut(self):
        self._passes = False
        await self._stop_listening()
        await self._reset_all()

    async def _stop_listening(self):
        if self._server:
            self._server.close()
            self._server = None

    async def _reset_all(self):
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    async def _link(self, client_reader, client_writer):
        """One connection, from its first byte to its end; whoever is left is told by a reset."""
        link = asyncio.current_task()
        self._links.add(link)
        writers, directions = [client_writer], []
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            writers.append(server_writer)
            directions.append(asyncio.create_task(self._pass_requests(client_reader, server_writer)))
            directions.append(asyncio.create_task(self._pass_answers(server_reader, client_writer)))
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, asyncio.CancelledError):
            pass  # The server refused, or the proxy was cut.
        finally:
            for direction in directions:
                direction.cancel()
            for writer in writers:
                reset(writer)
            self._links.discard(link)

    async def _pass_requests(self, reader, writer):
        await self._pass_bytes(reader, writer)

    async def _pass_answers(self, reader, writer):
        await self._pass_bytes(reader, writer)

    async def _pass_bytes(self, reader, writer):
        """Passes on what comes until either side has gone; while the proxy is mute, what comes is lost."""
        pass_on = self._passing_on(writer)
        try:
            while data := await reader.read(65_536):
                if not self._is_mute:
                    await pass_on(data)
        except OSError:
            return

    def _passing_on(self, writer):
        due = 0.0

        async def pass_on(data):
            nonlocal due
            if not self._delay:
                writer.write(data)
                return await writer.drain()
            # The loop keeps the order of different times only.
            due = max(self._loop.time() + self._delay, due + 1e-6)
            self._loop.call_at(due, writer.write, data)

        return pass_on


class KafkaProxy(Proxy):
    """A proxy in front of a broker of this machine, whose answers name the proxy where they name the broker.

    While it is cut it takes connections and resets them at once, so that they can be counted.
    """

    def __init__(self, target_port, delay=0.0):
        super().__init__(target_port, delay)
        #: Connections that came while it was cut.
        self.turned_away = 0
        self.stand_for([self])

    def stand_for(self, proxies):
        """Names each of these proxies where its broker is named: all brokers of a cluster have one."""
        self._names = [(_address(proxy._target_port), _address(proxy.port)) for proxy in proxies]

    async def _cut(self):
        self._passes = False
        await self._reset_all()

    async def _link(self, client_reader, client_writer):
        if self._passes:
            return await super()._link(client_reader, client_writer)
        self.turned_away += 1
        reset(client_writer)

    async def _pass_answers(self, reader, writer):
        pass_on = self._passing_on(writer)
        try:
            while True:
                # An answer is its length and its body. Host and port stand side by side in it, whatever the version.
                header = await reader.readexactly(FRAME_HEADER)
                body = await reader.readexactly(int.from_bytes(header, "big"))
                if not self._is_mute:
                    for broker, proxy in self._names:
                        body = body.replace(broker, proxy)
                    await pass_on(header + body)
        except (OSError, asyncio.IncompleteReadError):
            return


class KafkaFront:
    """Proxies in front of all brokers of a cluster, which tell of each request before they pass it on."""

    def __init__(self, nodes, hear=lambda node, kind: None):
        """`hear` is called with the broker and the request's API key, on a thread of the proxy's own."""
        #: May be changed at any time.
        self.hear = hear
        self._links = [_Listening(node, self) for node in nodes]
        for link in self._links:
            link.stand_for(self._links)
            link.open()

    @property
    def bootstrap(self):
        return ",".join(link.address for link in self._links)

    def close(self):
        for link in self._links:
            link.close()


class _Listening(KafkaProxy):
    def __init__(self, node, front):
        super().__init__(node.port)
        self._node = node
        self._front = front

    async def _pass_requests(self, reader, writer):
        try:
            while True:
                header = await reader.readexactly(FRAME_HEADER)
                body = await reader.readexactly(int.from_bytes(header, "big"))
                self._front.hear(self._node, int.from_bytes(body[:2], "big"))
                writer.write(header + body)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return


def _address(port):
    return b"127.0.0.1" + port.to_bytes(4, "big")


def reset(writer):
    """Ends a connection at once. Without a time to linger in, the other side gets a reset and not an orderly end."""
    try:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        return  # The other side was faster.
    writer.transport.abort()
