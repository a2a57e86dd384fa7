"""The ten English digit words as sequences of phonemes, and the acoustic targets of these phonemes.

Vowel formants are the averages over 33 men of G. E. Peterson and H. L. Barney, "Control methods used in a
study of the vowels", J. Acoust. Soc. Am. 24, 175-184 (1952), doi:10.1121/1.1906875, table II. The targets of
the consonants, all levels and all durations are our own settings: they give each consonant its textbook
place (locus of F2 and F3, band of the noise), and are not measurements.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PHONEMES", "WORDS", "Phoneme"]


@dataclass(frozen=True)
class Phoneme:
    """Acoustic targets of one phoneme of a man with a vocal tract of 17.5 cm.

    Parameters
    ----------
    formants : (F1, F2, F3) in Hz, or None to take those of the phoneme that follows.
    voicing, aspiration : float
        Levels of the glottal pulses and of the noise at the glottis, relative to a vowel.
    frication : float
        Level of the noise made in the mouth, relative to a vowel.
    noise : (centre, bandwidth) in Hz of that noise.
    damping : float
        Factor on the bandwidths of the formants (nasals are damped).
    """

    formants: tuple[float, float, float] | None
    voicing: float = 1.0
    aspiration: float = 0.0
    frication: float = 0.0
    noise: tuple[float, float] = (3000.0, 2000.0)
    damping: float = 1.0


PHONEMES: dict[str, Phoneme] = {
    "IY": Phoneme((270, 2290, 3010)),
    "IH": Phoneme((390, 1990, 2550)),
    "EH": Phoneme((530, 1840, 2480)),
    "AA": Phoneme((730, 1090, 2440)),
    "AH": Phoneme((640, 1190, 2390)),
    "AO": Phoneme((570, 840, 2410)),
    "UH": Phoneme((440, 1020, 2240)),
    "UW": Phoneme((300, 870, 2240)),
    "W": Phoneme((300, 650, 2200), voicing=0.6),
    "R": Phoneme((360, 1150, 1550), voicing=0.7),
    "N": Phoneme((270, 1500, 2500), voicing=0.45, damping=2.5),
    "V": Phoneme((290, 1000, 2200), voicing=0.3, frication=0.03, noise=(2500, 3500), damping=1.5),
    "Z": Phoneme((280, 1600, 2550), voicing=0.25, frication=0.15, noise=(3400, 800), damping=1.5),
    "S": Phoneme((320, 1600, 2550), voicing=0.0, frication=0.3, noise=(3400, 800)),
    "F": Phoneme((320, 950, 2200), voicing=0.0, frication=0.07, noise=(2200, 3500)),
    "TH": Phoneme((320, 1350, 2550), voicing=0.0, frication=0.06, noise=(3000, 2000)),
    "closure": Phoneme(None, voicing=0.0),
    "T": Phoneme((350, 1750, 2650), voicing=0.0, frication=0.6, noise=(3000, 1200)),
    "K": Phoneme((320, 1950, 2500), voicing=0.0, frication=0.4, noise=(1900, 500)),
    "HH": Phoneme(None, voicing=0.0, aspiration=0.35),
}

#: The digits 0 to 9 as phonemes with their durations in ms; diphthongs are two vowels with a slow transition.
WORDS: tuple[tuple[tuple[str, float], ...], ...] = (
    (("Z", 90), ("IH", 90), ("R", 80), ("AO", 100), ("UH", 110)),
    (("W", 80), ("AH", 150), ("N", 110)),
    (("T", 20), ("HH", 50), ("UW", 240)),
    (("TH", 110), ("R", 70), ("IY", 210)),
    (("F", 110), ("AO", 180), ("R", 120)),
    (("F", 110), ("AA", 150), ("IY", 110), ("V", 90)),
    (("S", 120), ("IH", 90), ("closure", 70), ("K", 25), ("S", 130)),
    (("S", 120), ("EH", 90), ("V", 55), ("AH", 70), ("N", 100)),
    (("EH", 110), ("IY", 120), ("closure", 70), ("T", 35)),
    (("N", 90), ("AA", 140), ("IY", 120), ("N", 100)),
)
