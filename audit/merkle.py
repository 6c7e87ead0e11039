"""
The Merkle tree of RFC 6962: roots, inclusion and consistency proofs, and their checks.

Theory of operation. A leaf is SHA-256 of 0x00 and its content, a node SHA-256 of 0x01
and its two children; a tree of n leaves splits at the largest power of two below n. A
``Frontier`` keeps the roots of the complete subtrees alone (one for each bit of n), so
that appending and the root cost O(log n) and no leaf is read twice. The checks are
those of RFC 9162 §2.1.3.2 and §2.1.4.2: they take nothing but hashes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32


def leaf_hash(content: bytes) -> bytes:
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """``roots`` are those of the complete subtrees, the largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """
        Hold size and roots against each other.

        Raises:
            ValueError: so many leaves have another number of complete subtrees.
        """
        if self.size.bit_count() != len(self.roots) or any(
            len(root) != HASH_BYTES for root in self.roots
        ):
            raise ValueError(f"{len(self.roots)} roots are no frontier of {self.size}")

    def extended(self, leaves: Iterable[bytes]) -> "Frontier":
        """Give the frontier with these leaf hashes behind it."""
        size, roots = self.size, list(self.roots)
        for leaf in leaves:
            last, rest = leaf, size
            while rest & 1:
                last = node_hash(roots.pop(), last)
                rest >>= 1
            roots.append(last)
            size += 1
        return Frontier(size, tuple(roots))

    def root(self) -> bytes:
        if not self.roots:
            # Of no leaves at all (RFC 6962 §2.1).
            return sha256().digest()
        *others, root = self.roots
        for left in reversed(others):
            root = node_hash(left, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    return Frontier().extended(leaves).root()


def prove_inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """
    Give the hashes beside the way from a leaf to the root, the lowest first.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index}: the tree has {len(leaves)}")
    proof: list[bytes] = []
    while len(leaves) > 1:
        split = _split(len(leaves))
        left, right = leaves[:split], leaves[split:]
        if index < split:
            proof.append(root_of(right))
            leaves = left
        else:
            proof.append(root_of(left))
            leaves, index = right, index - split
    return proof[::-1]


def prove_consistency(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """
    Give the hashes that lead from the root of the first leaves to that of all.

    Raises:
        IndexError: there are not so many leaves.
    """
    if not 0 < first <= len(leaves):
        raise IndexError(f"size {first}: the tree has {len(leaves)}")
    proof: list[bytes] = []
    is_whole = True
    while first != len(leaves):
        split = _split(len(leaves))
        left, right = leaves[:split], leaves[split:]
        if first <= split:
            proof.append(root_of(right))
            leaves = left
        else:
            proof.append(root_of(left))
            leaves, first, is_whole = right, first - split, False
    return [*([] if is_whole else [root_of(leaves)]), *proof[::-1]]


def is_included(
    leaf: bytes, index: int, size: int, *, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether ``leaf`` is number ``index`` (from 0) of the tree of that root."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf
    for beside in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node_hash(beside, found)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    first: int, first_root: bytes, size: int, root: bytes, *, proof: Sequence[bytes]
) -> bool:
    """Tell whether the tree of ``root`` begins with that of ``first_root``."""
    if not 0 < first <= size:
        return False
    if first == size:
        return not proof and first_root == root
    hashes = [*([first_root] if first.bit_count() == 1 else []), *proof]
    if not hashes:
        return False
    here, last = first - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    older = newer = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            older, newer = node_hash(beside, older), node_hash(beside, newer)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            newer = node_hash(newer, beside)
        here, last = here >> 1, last >> 1
    return last == 0 and older == first_root and newer == root


def _split(size: int) -> int:
    """Give the largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1
