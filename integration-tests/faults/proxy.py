"""A TCP proxy between two processes that delays, cuts and stalls on demand."""
import asyncio
import contextlib
import threading
import time


class Proxy:
    """Listens on a port of its own and passes on to (host, port)."""

    def __init__(self, target):
        self.target = target
        self.delay_s = 0.0
        self.silent_until = 0.0  # time.monotonic()
        self.n_connections = 0
        self._open = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader, writer):
        self.n_connections += 1
        try:
            there_reader, there_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.close()
            return
        pair = (writer, there_writer)
        self._open.add(pair)
        try:
            await asyncio.gather(self._pass(reader, there_writer), self._pass(there_reader, writer))
        finally:
            self._open.discard(pair)
            for stream in pair:
                stream.close()

    async def _pass(self, reader, writer):
        with contextlib.suppress(OSError):
            while True:
                data = await reader.read(65536)
                await asyncio.sleep(self.delay_s)
                await asyncio.sleep(max(0, self.silent_until - time.monotonic()))
                if not data:
                    break
                writer.write(data)
                await writer.drain()
            writer.close()

    def be_silent(self, seconds):
        """Connections stand, and nothing passes for so long."""
        self.silent_until = time.monotonic() + seconds

    def cut(self):
        """Ends every connection, in the middle of whatever it carries. New ones pass."""
        def abort():
            for pair in list(self._open):
                for stream in pair:
                    stream.transport.abort()
        self._loop.call_soon_threadsafe(abort)

    async def _end(self):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
