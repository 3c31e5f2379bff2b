# SPDX-License-Identifier: GPL-3.0-or-later
"""DVB SimulCrypt for the actors of tests: a codec of its own, an ECMG, an SCS, an EMMG and a MUX.

Written from ETSI TS 103 197 a second time, so that the tables here and those of controlplane/simulcrypt are two
witnesses. An actor answers as the standard says; a test overrides what it wants otherwise. Control words reach tests
only here: Ecmg.words holds what an SCS provided.

    with Ecmg(port=2222, lead_CW=1, CW_per_msg=2) as ecmg:
        ...
        ecmg.wait(lambda: (1, 1, 5) in ecmg.words)
"""

import collections
import socket
import struct
import threading
import time

# Interfaces: parameter_type -> (name, size in bytes, negative for signed, None for bytes).
PARAMETERS = {
    "ecmg": {
        0x0001: ("Super_CAS_id", 4), 0x0002: ("section_TSpkt_flag", 1), 0x0003: ("delay_start", -2),
        0x0004: ("delay_stop", -2), 0x0005: ("transition_delay_start", -2), 0x0006: ("transition_delay_stop", -2),
        0x0007: ("ECM_rep_period", 2), 0x0008: ("max_streams", 2), 0x0009: ("min_CP_duration", 2),
        0x000A: ("lead_CW", 1), 0x000B: ("CW_per_msg", 1), 0x000C: ("max_comp_time", 2),
        0x000D: ("access_criteria", None), 0x000E: ("ECM_channel_id", 2), 0x000F: ("ECM_stream_id", 2),
        0x0010: ("nominal_CP_duration", 2), 0x0011: ("access_criteria_transfer_mode", 1), 0x0012: ("CP_number", 2),
        0x0013: ("CP_duration", 2), 0x0014: ("CP_CW_combination", None), 0x0015: ("ECM_datagram", None),
        0x0016: ("AC_delay_start", -2), 0x0017: ("AC_delay_stop", -2), 0x0018: ("CW_encryption", None),
        0x0019: ("ECM_id", 2), 0x7000: ("error_status", 2), 0x7001: ("error_information", None),
    },
    "emmg": {
        0x0001: ("client_id", 4), 0x0002: ("section_TSpkt_flag", 1), 0x0003: ("data_channel_id", 2),
        0x0004: ("data_stream_id", 2), 0x0005: ("datagram", None), 0x0006: ("bandwidth", 2), 0x0007: ("data_type", 1),
        0x0008: ("data_id", 2), 0x7000: ("error_status", 2), 0x7001: ("error_information", None),
    },
}

MESSAGES = {
    "ecmg": {
        0x0001: "channel_setup", 0x0002: "channel_test", 0x0003: "channel_status", 0x0004: "channel_close",
        0x0005: "channel_error", 0x0101: "stream_setup", 0x0102: "stream_test", 0x0103: "stream_status",
        0x0104: "stream_close_request", 0x0105: "stream_close_response", 0x0106: "stream_error",
        0x0201: "CW_provision", 0x0202: "ECM_response",
    },
    "emmg": {
        0x0011: "channel_setup", 0x0012: "channel_test", 0x0013: "channel_status", 0x0014: "channel_close",
        0x0015: "channel_error", 0x0111: "stream_setup", 0x0112: "stream_test", 0x0113: "stream_status",
        0x0114: "stream_close_request", 0x0115: "stream_close_response", 0x0116: "stream_error",
        0x0117: "stream_BW_request", 0x0118: "stream_BW_allocation", 0x0211: "data_provision",
    },
}

CHANNEL_ID = {"ecmg": "ECM_channel_id", "emmg": "data_channel_id"}
STREAM_ID = {"ecmg": "ECM_stream_id", "emmg": "data_stream_id"}
TYPES = {i: {name: number for number, name in table.items()} for i, table in MESSAGES.items()}
NUMBERS = {i: {name: (number, size) for number, (name, size) in table.items()} for i, table in PARAMETERS.items()}


class Message:
    """A message: its name, its version and its parameters as a list of (name, value), in order."""

    def __init__(self, interface, name, version, parameters):
        self.interface, self.name, self.version, self.parameters = interface, name, version, list(parameters)

    def all(self, name):
        return [value for key, value in self.parameters if key == name]

    def get(self, name, default=None):
        return next(iter(self.all(name)), default)

    def __repr__(self):
        return f"{self.name} {self.parameters}"

    def encode(self):
        body = b"".join(encode_parameter(self.interface, name, value) for name, value in self.parameters)
        return struct.pack(">BHH", self.version, TYPES[self.interface][self.name], len(body)) + body


def encode_parameter(interface, name, value):
    number, size = NUMBERS[interface][name]
    if size is not None:
        value = value.to_bytes(abs(size), "big", signed=size < 0)
    return struct.pack(">HH", number, len(value)) + value


def decode(interface, data):
    """The message in `data`, which is exactly one; what is not well formed raises ValueError."""
    version, kind, length = struct.unpack_from(">BHH", data)
    if length != len(data) - 5 or kind not in MESSAGES[interface]:
        raise ValueError(f"message_type {kind:#06x} of {length} bytes in {len(data)}")
    parameters, at = [], 5
    while at < len(data):
        number, size = struct.unpack_from(">HH", data, at)
        value = data[at + 4:at + 4 + size]
        name, wanted = PARAMETERS[interface].get(number, (f"{number:#06x}", None))
        if len(value) != size or wanted is not None and size != abs(wanted):
            raise ValueError(f"{name} of {size} bytes at offset {at}")
        parameters.append((name, value if wanted is None else int.from_bytes(value, "big", signed=wanted < 0)))
        at += 4 + size
    return Message(interface, MESSAGES[interface][kind], version, parameters)


class Link:
    """One connection. Counts its PDUs by name in `sent` and `received`."""

    def __init__(self, interface, sock, version=3):
        self.interface, self.sock, self.version = interface, sock, version
        self.sent, self.received = collections.Counter(), collections.Counter()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, name, *parameters, **named):
        message = Message(self.interface, name, self.version, list(parameters) + list(named.items()))
        self.sent[name] += 1
        self.sock.sendall(message.encode())

    def read(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise EOFError("the peer closed the connection")
            data += more
        return data

    def receive(self, timeout=5.0):
        """The next message; EOFError when there is none any more, TimeoutError when none comes."""
        self.sock.settimeout(timeout)
        head = self.read(5)
        message = decode(self.interface, head + self.read(struct.unpack(">H", head[3:])[0]))
        self.received[message.name] += 1
        return message

    def expect(self, name, timeout=5.0):
        """The next message, which must have this name; tests of the peer's keep-alive are answered on the way."""
        while True:
            message = self.receive(timeout)
            if message.name == name:
                return message
            if message.name != "channel_test" or not self.answer_test(message):
                raise AssertionError(f"awaited {name}, got {message}")

    def answer_test(self, message):
        return False

    def close(self):
        # shutdown wakes a thread that reads; close alone does not.
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()


class Server:
    """Listens, and gives each connection a thread that answers it by methods: on_<message>(link, message)."""

    interface = None

    def __init__(self, address="127.0.0.1", port=0, version=None):
        self.version = version  # None: as the client
        self.errors = []  # what no peer should have sent
        self.changed = threading.Condition()
        self.links, self.threads = [], []  # all there ever were
        self.listener = socket.create_server((address, port))
        self.port = self.listener.getsockname()[1]
        self.start(self.accept)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, run, *arguments):
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            link = Link(self.interface, sock, self.version or 3)
            link.streams = {}
            self.links.append(link)
            self.start(self.serve, link)

    def serve(self, link):
        try:
            while True:
                message = link.receive(timeout=None)
                link.version = self.version or message.version
                getattr(self, "on_" + message.name, self.on_other)(link, message)
                with self.changed:
                    self.changed.notify_all()
        except (EOFError, OSError):
            pass
        except ValueError as error:
            with self.changed:
                self.errors.append(str(error))
                self.changed.notify_all()
        finally:
            link.close()

    @property
    def sent(self):
        return sum((link.sent for link in list(self.links)), collections.Counter())

    @property
    def received(self):
        return sum((link.received for link in list(self.links)), collections.Counter())

    def on_other(self, link, message):
        self.errors.append(f"unexpected {message}")

    def on_channel_close(self, link, message):
        link.streams.clear()

    def on_stream_close_request(self, link, message):
        link.streams.pop(message.get(STREAM_ID[self.interface]), None)
        link.send("stream_close_response", *message.parameters)

    def on_channel_error(self, link, message):
        self.errors.append(str(message))

    on_stream_error = on_channel_error

    def wait(self, condition, timeout=10.0):
        """Waits until `condition()` holds, looked at after every message; False when it does not in time."""
        with self.changed:
            return self.changed.wait_for(condition, timeout)

    def drop_links(self):
        for link in list(self.links):
            link.close()

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.drop_links()
        for thread in self.threads:
            thread.join(5)


def section(table_id, body):
    """A section in short form."""
    return bytes([table_id, 0x70 | len(body) >> 8, len(body) & 255]) + body


class Ecmg(Server):
    """An ECMG. Any Super_CAS_id; its ECMs are what `ecm` makes, here a section with the CP_number and no secret."""

    interface = "ecmg"
    STATUS = {"section_TSpkt_flag": 0, "AC_delay_start": 200, "AC_delay_stop": 200, "delay_start": 200,
              "delay_stop": 200, "transition_delay_start": -500, "transition_delay_stop": 0, "ECM_rep_period": 100,
              "max_streams": 0, "min_CP_duration": 10, "lead_CW": 1, "CW_per_msg": 2, "max_comp_time": 100}

    def __init__(self, address="127.0.0.1", port=0, version=None, delay_s=0.0, **status):
        self.status = {**self.STATUS, **status}
        self.delay_s = delay_s
        self.words = {}       # (ECM_channel_id, ECM_stream_id, CP_number) -> CW
        self.provisions = []  # (CP_number, [CP_number of each word], time)
        super().__init__(address, port, version)

    def on_channel_setup(self, link, message):
        link.channel = message.get("ECM_channel_id")
        link.super_cas_id = message.get("Super_CAS_id")
        self.on_channel_test(link, message)

    def on_channel_test(self, link, message):
        link.send("channel_status", ECM_channel_id=message.get("ECM_channel_id"), **self.status)

    def on_channel_status(self, link, message):
        pass

    def on_stream_setup(self, link, message):
        link.streams[message.get("ECM_stream_id")] = message.get("ECM_id")
        self.on_stream_test(link, message)

    def on_stream_test(self, link, message):
        stream = message.get("ECM_stream_id")
        link.send("stream_status", ECM_channel_id=message.get("ECM_channel_id"), ECM_stream_id=stream,
                  ECM_id=link.streams.get(stream, 0), access_criteria_transfer_mode=0)

    def on_stream_status(self, link, message):
        pass

    def ecm(self, link, message, words):
        """The ECM_datagram for a CW_provision; `words` is {CP_number: CW}. None: no answer."""
        number = message.get("CP_number")
        return section(0x80 | number & 1, struct.pack(">HH", message.get("ECM_stream_id"), number))

    def on_CW_provision(self, link, message):
        ids = message.get("ECM_channel_id"), message.get("ECM_stream_id")
        words = {int.from_bytes(v[:2], "big"): v[2:] for v in message.all("CP_CW_combination")}
        for number, word in words.items():
            self.words[ids + (number,)] = word
        self.provisions.append((message.get("CP_number"), list(words), time.monotonic()))
        datagram = self.ecm(link, message, words)
        if datagram is None:
            return
        time.sleep(self.delay_s)  # the computing time that an ECMG takes
        link.send("ECM_response", ECM_channel_id=ids[0], ECM_stream_id=ids[1], CP_number=message.get("CP_number"),
                  ECM_datagram=datagram)


class Scs(Link):
    """An SCS with one channel."""

    def __init__(self, port, address="127.0.0.1", version=3, channel=1, super_cas_id=0x0ABC0001):
        super().__init__("ecmg", socket.create_connection((address, port), 5), version)
        self.channel, self.super_cas_id, self.status = channel, super_cas_id, None

    def open(self):
        self.send("channel_setup", ECM_channel_id=self.channel, Super_CAS_id=self.super_cas_id)
        self.status = self.expect("channel_status")
        return self.status

    def answer_test(self, message):
        self.send("channel_status", *(self.status or message).parameters)
        return True

    def open_stream(self, stream=1, ecm_id=1, duration_ms=10000):
        self.send("stream_setup", ECM_channel_id=self.channel, ECM_stream_id=stream, ECM_id=ecm_id,
                  nominal_CP_duration=duration_ms // 100)
        return self.expect("stream_status")

    def provide(self, number, words, stream=1, access_criteria=None, duration_ms=None):
        """Sends CW_provision of CP `number` with `words`, {CP_number: CW}."""
        more = [("CP_duration", duration_ms // 100)] if duration_ms else []
        more += [("access_criteria", access_criteria)] if access_criteria is not None else []
        more += [("CP_CW_combination", struct.pack(">H", n) + words[n]) for n in words]
        self.send("CW_provision", ("ECM_channel_id", self.channel), ("ECM_stream_id", stream), ("CP_number", number),
                  *more)

    def ecm(self, number, words, stream=1, **more):
        """The ECM_datagram of a CP."""
        self.provide(number, words, stream, **more)
        response = self.expect("ECM_response")
        assert (response.get("CP_number"), response.get("ECM_stream_id")) == (number, stream), response
        return response.get("ECM_datagram")

    def close_stream(self, stream=1):
        self.send("stream_close_request", ECM_channel_id=self.channel, ECM_stream_id=stream)
        return self.expect("stream_close_response")

    def test(self):
        """When the answer is there, the ECMG has done with all that it was sent before."""
        self.send("channel_test", ECM_channel_id=self.channel)
        return self.expect("channel_status")


class Emmg(Link):
    """An EMMG with one channel and one stream."""

    def __init__(self, port, address="127.0.0.1", version=3, client_id=0x0ABC0001, channel=1, stream=1, data_id=1,
                 packets=False):
        super().__init__("emmg", socket.create_connection((address, port), 5), version)
        self.client_id, self.data_id, self.packets = client_id, data_id, int(packets)
        self.ids = {"client_id": client_id, "data_channel_id": channel}
        self.stream_ids = {**self.ids, "data_stream_id": stream}

    def open(self, bandwidth_kbps=100):
        """Channel, stream and bandwidth; returns what was granted, in kbit/s."""
        self.send("channel_setup", **self.ids, section_TSpkt_flag=self.packets)
        self.expect("channel_status")
        self.send("stream_setup", **self.stream_ids, data_id=self.data_id, data_type=0)
        self.expect("stream_status")
        return self.request(bandwidth_kbps)

    def answer_test(self, message):
        self.send("channel_status", **self.ids, section_TSpkt_flag=self.packets)
        return True

    def request(self, bandwidth_kbps):
        self.send("stream_BW_request", **self.stream_ids, bandwidth=bandwidth_kbps)
        return self.expect("stream_BW_allocation").get("bandwidth")

    def provision(self, *datagrams):
        return Message("emmg", "data_provision", self.version,
                       [*self.stream_ids.items(), ("data_id", self.data_id), *(("datagram", d) for d in datagrams)])

    def data(self, *datagrams):
        self.sent["data_provision"] += 1
        self.sock.sendall(self.provision(*datagrams).encode())

    def close_stream(self):
        self.send("stream_close_request", **self.stream_ids)
        return self.expect("stream_close_response")


class Mux(Server):
    """A MUX that takes every client and keeps what it sends."""

    interface = "emmg"

    def __init__(self, address="127.0.0.1", port=0, version=None, bandwidth_kbps=1000):
        self.bandwidth_kbps = bandwidth_kbps
        self.datagrams = []  # (client_id, data_id, datagram)
        super().__init__(address, port, version)

    @staticmethod
    def ids(message, *names):
        return {name: message.get(name) for name in ("client_id", "data_channel_id", *names)}

    def on_channel_setup(self, link, message):
        link.flag = message.get("section_TSpkt_flag")
        self.on_channel_test(link, message)

    def on_channel_test(self, link, message):
        link.send("channel_status", **self.ids(message), section_TSpkt_flag=link.flag)

    def on_channel_status(self, link, message):
        pass

    def on_stream_setup(self, link, message):
        link.streams[message.get("data_stream_id")] = message.get("data_id"), message.get("data_type")
        self.on_stream_test(link, message)

    def on_stream_test(self, link, message):
        data_id, data_type = link.streams[message.get("data_stream_id")]
        link.send("stream_status", **self.ids(message, "data_stream_id"), data_id=data_id, data_type=data_type)

    def on_stream_status(self, link, message):
        pass

    def on_stream_BW_request(self, link, message):
        granted = min(message.get("bandwidth", self.bandwidth_kbps), self.bandwidth_kbps)
        link.send("stream_BW_allocation", **self.ids(message, "data_stream_id"), bandwidth=granted)

    def on_data_provision(self, link, message):
        self.datagrams += [(message.get("client_id"), message.get("data_id"), d) for d in message.all("datagram")]
