"""Meaning learned from the exchange's own listings: latent semantics (Deerwester and others, 1990).

Listings are written as rows of term weights, and the few directions along which they differ most are kept. It needs
no text from elsewhere and no model that somebody else trained. A job does it, never the start of a web process: some
20 s of CPU and 300 MB at most, for the sample is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from matching.damping import DAMPED
from matching.meaning import Meaning
from matching.profile import Profile
from matching.statistics import LEAST, Statistics, named

FEWEST = 200
"""Texts below which the directions would say more about chance than about meaning: then nothing is learned."""
SAMPLE = 6_000
"""Listings that are read at most. Twice as many changed nothing on judged sets and take three times as long."""
TERMS = 32_768
"""The most frequent terms that get a place; half of them are pairs, without which Vietnamese has little meaning."""
DIMENSIONS, LISTINGS_A_DIMENSION = 256, 4
"""At most so many directions, and one for at least four listings: more would learn single listings by heart."""
PRECISE = 1e-2
"""Relative error of the singular values that is accepted; rows are kept in 127ths anyhow."""


def is_sampled(uid: str, documents: int) -> bool:
    """Whether a listing is among those learned from, of so many. It depends on its uid only, so that no two runs differ."""
    return crc32(uid.encode()) * documents < SAMPLE << 32


def with_meaning(statistics: Statistics, profiles: Iterable[Profile]) -> Statistics:
    """The snapshot with what these listings mean; as it is where they are too few."""
    meaning = learned(profiles, statistics)
    return statistics if meaning is None else named(replace(statistics, meaning=meaning))


def learned(profiles: Iterable[Profile], statistics: Statistics) -> Meaning | None:
    """The space of these listings. The order in which they come changes nothing."""
    texts = [words for _, words in sorted(_texts(profiles), key=lambda text: text[0])]
    if len(texts) < FEWEST:
        return None
    terms = _terms(texts)
    weights = np.array([statistics.idf(term) for term in terms], np.float64)
    matrix = _matrix(texts, terms, weights)
    directions = min(DIMENSIONS, len(texts) // LISTINGS_A_DIMENSION, len(terms) - 1)
    if directions < 1:
        return None
    start = np.ones(min(matrix.shape))
    _, _, found = svds(matrix, k=directions, tol=PRECISE, v0=start)
    return _quantised(terms, found.T * weights[:, None])


def _texts(profiles: Iterable[Profile]) -> Iterator[tuple[tuple[str, str], Mapping[str, int]]]:
    """Each listing in each of its languages."""
    for profile in profiles:
        yield (profile.uid, profile.language), profile.words
        for language, wording in profile.translations.items():
            yield (profile.uid, language), wording.words


def _terms(texts: list[Mapping[str, int]]) -> tuple[str, ...]:
    frequency = Counter(term for words in texts for term in words)
    kept = [term for term, count in frequency.items() if count >= LEAST]
    return tuple(sorted(sorted(kept, key=lambda term: (-frequency[term], term))[:TERMS]))


def _matrix(
    texts: list[Mapping[str, int]], terms: tuple[str, ...], weights: NDArray[np.float64]
) -> csr_array:
    """A row of length one for each text: damped counts times rarity."""
    index = {term: place for place, term in enumerate(terms)}
    starts, places, counts = [0], list[int](), list[int]()
    for words in texts:
        known = [(index[term], DAMPED[count]) for term, count in words.items() if term in index]
        places.extend(place for place, _ in known)
        counts.extend(count for _, count in known)
        starts.append(len(places))
    values = np.array(counts, np.float64) * weights[places]
    matrix = csr_array((values, places, starts), shape=(len(texts), len(terms)))
    lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    values /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(starts))
    return csr_array((values, places, starts), shape=matrix.shape)


def _quantised(terms: tuple[str, ...], places: NDArray[np.float64]) -> Meaning:
    """Every row in 127ths of its greatest part; what that part was goes into its scale."""
    greatest = np.abs(places).max(axis=1)
    greatest = np.where(greatest > 0, greatest, 1)
    rows = np.rint(places / greatest[:, None] * 127).astype(np.int8)
    scales = np.maximum(1, np.rint(greatest / greatest.max() * 32_767)).astype(np.int32)
    return Meaning(terms, rows, scales)
