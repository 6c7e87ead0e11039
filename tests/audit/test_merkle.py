"""The tree of RFC 6962, held against its own definition and known vectors."""

from hashlib import sha256

import pytest

from audit.merkle import (
    Frontier,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
)

MOST = 33
LEAVES = [leaf_hash(str(number).encode()) for number in range(MOST)]
# The leaves and roots of the test vectors of Certificate Transparency's own code.
VECTORS = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


@pytest.mark.parametrize("size", range(1, 9))
def test_known_trees_have_their_known_roots(size: int) -> None:
    """Eight vectors that other implementations share."""
    leaves = [leaf_hash(one) for one in VECTORS[:size]]

    assert ROOTS[size - 1] == root_of(leaves).hex()


def test_no_leaves_have_the_root_of_nothing() -> None:
    assert by_definition([]) == Frontier().root()


def test_a_frontier_grows_to_the_same_root_however_it_is_cut() -> None:
    """What was kept after any prefix leads to the root of all."""
    for cut in range(MOST + 1):
        kept = Frontier().extended(LEAVES[:cut])
        again = Frontier(kept.size, kept.roots).extended(LEAVES[cut:])

        assert by_definition(LEAVES) == again.root()
        assert by_definition(LEAVES[:cut]) == kept.root()


@pytest.mark.parametrize(("size", "roots"), [(1, ()), (2, (b"x",)), (3, LEAVES[:1])])
def test_what_is_no_frontier_is_refused(size: int, roots: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="no frontier"):
        Frontier(size, tuple(roots))


def test_each_leaf_of_each_tree_can_be_proved() -> None:
    """Every leaf is proved where it stands, and nowhere else."""
    for size in range(1, MOST + 1):
        leaves, root = LEAVES[:size], root_of(LEAVES[:size])
        for index, leaf in enumerate(leaves):
            proof = prove_inclusion(leaves, index)
            proved = [
                other
                for other in range(size)
                if is_included(leaf, other, size, proof=proof, root=root)
            ]

            assert [index] == proved


def test_no_altered_inclusion_proof_passes() -> None:
    """Another leaf, root or size, and a hash more, less or changed, are refused."""
    size, index = 13, 6
    leaf, root = LEAVES[index], root_of(LEAVES[:size])
    proof = prove_inclusion(LEAVES[:size], index)
    forged = [
        proof[:-1],
        [*proof, LEAVES[0]],
        [LEAVES[0], *proof],
        proof[::-1],
        *([*proof[:n], LEAVES[0], *proof[n + 1 :]] for n in range(len(proof))),
    ]

    assert is_included(leaf, index, size, proof=proof, root=root)
    assert not any(
        is_included(leaf, index, size, proof=one, root=root) for one in forged
    )
    assert not is_included(LEAVES[0], index, size, proof=proof, root=root)
    assert not is_included(leaf, index, size, proof=proof, root=LEAVES[0])
    assert not is_included(leaf, size, size, proof=proof, root=root)
    assert not is_included(leaf, -1, size, proof=proof, root=root)


def test_each_tree_is_consistent_with_each_before_it() -> None:
    """From every prefix to every tree a proof leads, and to no other root."""
    for size in range(1, MOST + 1):
        root = root_of(LEAVES[:size])
        for first in range(1, size + 1):
            old = root_of(LEAVES[:first])
            proof = prove_consistency(LEAVES[:size], first)

            assert is_consistent(first, old, size, root, proof=proof)
            assert not is_consistent(first, LEAVES[-1], size, root, proof=proof)
            assert not is_consistent(first, old, size, LEAVES[-1], proof=proof)


def test_no_altered_consistency_proof_passes() -> None:
    """A rewritten beginning has no proof, whatever is tried."""
    old, root = root_of(LEAVES[:6]), root_of(LEAVES[:13])
    proof = prove_consistency(LEAVES[:13], 6)
    rewritten = [LEAVES[-1], *LEAVES[1:13]]
    forged = [
        [],
        proof[:-1],
        [*proof, LEAVES[0]],
        *([*proof[:n], LEAVES[0], *proof[n + 1 :]] for n in range(len(proof))),
    ]

    assert not any(is_consistent(6, old, 13, root, proof=one) for one in forged)
    assert not is_consistent(
        6, old, 13, root_of(rewritten), proof=prove_consistency(rewritten, 6)
    )
    assert not is_consistent(14, old, 13, root, proof=proof)
    assert not is_consistent(0, by_definition([]), 13, root, proof=[])


@pytest.mark.parametrize("index", [-1, 3])
def test_what_is_not_in_the_tree_has_no_proof(index: int) -> None:
    with pytest.raises(IndexError):
        prove_inclusion(LEAVES[:3], index)


@pytest.mark.parametrize("first", [0, 4])
def test_a_tree_that_is_not_before_has_no_proof(first: int) -> None:
    with pytest.raises(IndexError):
        prove_consistency(LEAVES[:3], first)
