"""A tiny app in Python, written from docs/APPS.md alone: connects to a node, subscribes, makes an invoice,
and prints what comes.  usage: app.py NODE_TICKET IDENTITY AMOUNT"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import secrets
import sys
import tomllib

import websockets
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VERSION = b"\x00\x01"
LAST, MORE, PING, PONG, CLOSE = 1, 2, 3, 4, 5
SIZES = [256, 320, 512, 576, 1024, 1088, 4096, 4160, 16384, 16448, 59984, 65519]


def tag(text, data):
    return bytes([len(text)]) + text.encode() + data


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def raw(public_key):
    return public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)


class Cipher:
    def __init__(self, key):
        self.aead = ChaCha20Poly1305(key)
        self.count = 0

    def nonce(self):
        nonce = bytes(4) + self.count.to_bytes(8, "little")
        self.count += 1
        return nonce

    def seal(self, plaintext, associated=b""):
        return self.aead.encrypt(self.nonce(), plaintext, associated)

    def open(self, sealed, associated=b""):
        return self.aead.decrypt(self.nonce(), sealed, associated)


def hkdf(chaining_key, data):
    temporary = hmac.digest(chaining_key, data, "sha256")
    first = hmac.digest(temporary, b"\x01", "sha256")
    return first, hmac.digest(temporary, first + b"\x02", "sha256")


class Handshake:
    """Noise_XX_25519_ChaChaPoly_SHA256, the initiator's side."""

    def __init__(self, identity, static=None, ephemeral=None):
        self.identity = identity
        self.static = static or X25519PrivateKey.generate()
        self.ephemeral = ephemeral or X25519PrivateKey.generate()
        self.hash = self.chaining_key = b"Noise_XX_25519_ChaChaPoly_SHA256"
        self.cipher = None
        self.mix_hash(tag("offst/link", b"offst/app/v1"))

    def mix_hash(self, data):
        self.hash = hashlib.sha256(self.hash + data).digest()

    def mix_key(self, own, remote):
        self.chaining_key, key = hkdf(self.chaining_key, own.exchange(remote))
        self.cipher = Cipher(key)

    def encrypt(self, plaintext):
        sealed = self.cipher.seal(plaintext, self.hash)
        self.mix_hash(sealed)
        return sealed

    def decrypt(self, sealed):
        plaintext = self.cipher.open(sealed, self.hash)
        self.mix_hash(sealed)
        return plaintext

    def write_hello(self):
        ephemeral = raw(self.ephemeral.public_key())
        self.mix_hash(ephemeral)
        self.mix_hash(VERSION)
        return ephemeral + VERSION

    def read_answer(self, message, expected):
        if len(message) == 2:
            raise SystemExit(f"the node speaks version {int.from_bytes(message, 'big')}")
        if len(message) != 194:
            raise SystemExit("the other side is no node")
        self.mix_hash(message[:32])
        self.remote = X25519PublicKey.from_public_bytes(message[:32])
        self.mix_key(self.ephemeral, self.remote)
        static = self.decrypt(message[32:80])
        self.mix_key(self.ephemeral, X25519PublicKey.from_public_bytes(static))
        introduction = self.decrypt(message[80:])
        if introduction[:2] != VERSION or introduction[2:34] != expected:
            raise SystemExit("another node answers")
        signed = tag("offst/link/v1", static)
        Ed25519PublicKey.from_public_bytes(expected).verify(introduction[34:], signed)

    def write_introduction(self):
        static = raw(self.static.public_key())
        first = self.encrypt(static)
        self.mix_key(self.static, self.remote)
        signature = self.identity.sign(tag("offst/link/v1", static))
        return first + self.encrypt(VERSION + raw(self.identity.public_key()) + signature)

    def split(self):
        sending, receiving = hkdf(self.chaining_key, b"")
        return Cipher(sending), Cipher(receiving)


def frame(kind, payload=b""):
    size = next(size for size in SIZES if size >= 3 + len(payload))
    return (bytes([kind]) + len(payload).to_bytes(2, "big") + payload).ljust(size, b"\x00")


class App:
    def __init__(self, socket, card):
        self.socket = socket
        self.card = card
        self.calls = 0
        self.taken = 0

    async def shake_hands(self, identity):
        handshake = Handshake(identity)
        await self.socket.send(handshake.write_hello())
        handshake.read_answer(await self.socket.recv(), from_base64url(self.card))
        await self.socket.send(handshake.write_introduction())
        self.sending, self.receiving = handshake.split()

    async def send_frame(self, kind, payload=b""):
        await self.socket.send(self.sending.seal(frame(kind, payload)))

    async def send(self, message):
        data = json.dumps(message).encode()
        while len(data) > SIZES[-1] - 3:
            await self.send_frame(MORE, data[: SIZES[-1] - 3])
            data = data[SIZES[-1] - 3 :]
        await self.send_frame(LAST, data)

    async def call(self, method, params):
        self.calls += 1
        await self.send({"id": self.calls, "card": self.card, "method": method, "params": params})
        return self.calls

    async def receive(self):
        """The next message; sends `taken` and answers pings by itself."""
        pieces = b""
        while True:
            plaintext = self.receiving.open(await self.socket.recv())
            kind, length = plaintext[0], int.from_bytes(plaintext[1:3], "big")
            if kind == PING:
                await self.send_frame(PONG)
            elif kind == CLOSE:
                raise SystemExit("the node has ended the connection")
            elif kind in (LAST, MORE):
                pieces += plaintext[3 : 3 + length]
                if kind == LAST:
                    message = json.loads(pieces)
                    if message.get("event") == "change":
                        self.taken += 1
                        await self.send({"taken": self.taken})
                    return message

    async def keep_alive(self):
        while True:
            await asyncio.sleep(10)
            await self.send_frame(PING)


def read_toml(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


async def main(ticket_path, identity_path, amount):
    ticket = read_toml(ticket_path)
    identity = Ed25519PrivateKey.from_private_bytes(from_base64url(read_toml(identity_path)["private_key"]))
    address = ticket["address"]
    url = address if "://" in address else f"ws://{address}/"
    async with websockets.connect(url, compression=None, max_size=65535) as socket:
        app = App(socket, ticket["public_key"])
        await app.shake_hands(identity)
        alive = asyncio.create_task(app.keep_alive())
        subscribing = await app.call("state.subscribe", {})
        creating = invoice = None
        while True:
            message = await app.receive()
            print(json.dumps(message), flush=True)
            if message.get("id") == -1:
                raise SystemExit(message["error"]["message"])
            if message.get("id") == subscribing and "result" in message:
                nonce = to_base64url(secrets.token_bytes(16))
                params = {"nonce": nonce, "currency": "credit", "amount": amount, "description": "from Python"}
                creating = await app.call("invoices.create", params)
            if message.get("id") == creating and "result" in message:
                invoice = message["result"]["id"]
            if is_paid(message, invoice):
                break
        alive.cancel()
        await app.send_frame(CLOSE)


def is_paid(message, invoice):
    changes = [change for change in message.get("changes", []) if change["collection"] == "invoices"]
    return any(change["key"] == invoice and change["value"]["state"] == "paid" for change in changes)


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:4]))
    except InvalidTag:
        raise SystemExit("a frame does not open")
