"""Sealing by AES-256-GCM, from the `cryptography` package; it is imported when the first answer is sealed."""

from secrets import token_bytes
from typing import Final

NONCE_BYTES: Final = 12  # what GCM is made for


class AesGcmSeal:
    """Implements `Seal`: a nonce, then the ciphertext with its tag."""

    def close(self, key: bytes, content: bytes, about: bytes) -> bytes:
        """Seal content; the nonce is drawn, though a key is used once only."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = token_bytes(NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, content, about)

    def open(self, key: bytes, sealed: bytes, about: bytes) -> bytes | None:
        """Open sealed content; None when it does not authenticate."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce and a tag
            return None
