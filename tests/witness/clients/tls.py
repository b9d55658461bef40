"""A front with TLS before each origin of the emulator, so that no client has to be talked out of https.

The authority that signs the certificate is made on the fly and lives as long as the witness. Behind the handshake the front
moves bytes and reads none of them: what the client hears is what the emulator said.
"""

import asyncio
import datetime
import ipaddress
import os
import socket
import ssl
import threading
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Authority:
    """A private authority and one certificate for this machine's loopback. `bundle` is what a client has to trust."""

    def __init__(self, directory):
        self.bundle = os.path.join(directory, "authority.pem")
        root_key, root_name = ec.generate_private_key(ec.SECP256R1()), _name("Contoso witness authority")
        root = (
            _certificate(root_name, root_name, root_key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
            .add_extension(_usage(sign=True), critical=True)
            .sign(root_key, hashes.SHA256())
        )
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        leaf = (
            _certificate(_name("localhost"), root_name, key.public_key())
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(sign=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
            )
            .sign(root_key, hashes.SHA256())
        )
        with open(self.bundle, "wb") as file:
            file.write(root.public_bytes(serialization.Encoding.PEM))
        chain = os.path.join(directory, "localhost.pem")
        with open(chain, "wb") as file:
            file.write(
                key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            )
            file.write(leaf.public_bytes(serialization.Encoding.PEM))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain)


def _name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(subject, issuer, key):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )


def _usage(sign):
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=sign,
        crl_sign=sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


class Fronts:
    """Two doors with TLS. They are bound first, so that the emulator can be told what it is called; then `lead` opens them."""

    def __init__(self, authority):
        self.authority = authority
        self.doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.origins = [f"https://localhost:{door.getsockname()[1]}" for door in self.doors]
        self.loop = asyncio.new_event_loop()

    def lead(self, *targets):
        """From now on each door leads to its target, an http origin."""

        async def open_doors():
            for door, target in zip(self.doors, targets, strict=True):
                place = urlsplit(target)

                async def serve(reader, writer, place=place):
                    await _join(reader, writer, place.hostname, place.port)

                await asyncio.start_server(serve, sock=door, ssl=self.authority.context)

        self.loop.run_until_complete(open_doors())
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)


async def _join(reader, writer, host, port):
    """Moves bytes both ways until one side has ended."""
    try:
        inner_reader, inner_writer = await asyncio.open_connection(host, port)
    except OSError:
        writer.close()
        return
    ways = [asyncio.create_task(_pump(reader, inner_writer)), asyncio.create_task(_pump(inner_reader, writer))]
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in ways:
        way.cancel()
    await asyncio.gather(*ways, return_exceptions=True)
    for end in (inner_writer, writer):
        end.close()


async def _pump(source, sink):
    try:
        while piece := await source.read(65536):
            sink.write(piece)
            await sink.drain()
    except (ConnectionError, ssl.SSLError):
        return
