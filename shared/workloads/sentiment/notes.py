"""What a dataset turned out to hold, in; sentences that its owner should read, out."""

import numpy as np

from .dataset import TEST_SHARE, Settled
from .vocabulary import LONGEST

_SHOWN = 6


def about(settled: Settled, test_files: list[str]) -> list[str]:
    """The size, the split, and what was set aside."""
    labels = np.concatenate([settled.train.labels, settled.test.labels])
    shares = np.bincount(labels, minlength=2) / len(labels)
    kinds = " and ".join(f"{share:.1%} {name}" for share, name in zip(shares, settled.train.classes, strict=True))
    lengths = settled.tokens.lengths
    found = [
        f"{len(labels):,} texts, {kinds}; half of them have {np.median(lengths):.0f} words or more",
        _rule(test_files),
    ]
    if cut := int((lengths == LONGEST).sum()):
        found.append(f"{cut:,} texts have {LONGEST} words or more, and no more than {LONGEST} are read")
    if settled.aside:
        most = sorted(settled.aside.items(), key=lambda item: (-item[1], item[0]))
        counted = ", ".join(f"{count:,} {reason}" for reason, count in most[:_SHOWN])
        more = f", and {sum(count for _, count in most[_SHOWN:]):,} more" if len(most) > _SHOWN else ""
        found.append(f"{settled.aside.total():,} texts set aside: {counted}{more}")
    return found


def _rule(test_files: list[str]) -> str:
    if test_files:
        more = ", …" if len(test_files) > _SHOWN else ""
        return f"tested on {', '.join(test_files[:_SHOWN])}{more} as it is named for that, trained on the rest"
    return f"tested on {TEST_SHARE:.0%}, chosen by a hash of each text"
