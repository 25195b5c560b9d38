//! Proof by ear: WAV files read, and how much of a tone is in them.

use std::f64::consts::{PI, TAU};
use std::path::Path;
use std::time::Duration;
use std::{fmt, fs};

use anyhow::{Context as _, Result, bail};

/// Tones are looked for in blocks of a tenth of a second, so a gap or a jump in the sound does no harm;
/// a block tells apart tones that are 20 Hz from each other.
const BLOCKS_PER_SECOND: usize = 10;
/// A tone that is there makes up this share of all energy, or more.
const PRESENT: f64 = 0.02;
/// A tone that is not there makes up this share, or less.
const ABSENT: f64 = 0.005;
/// Below this mean square (an amplitude of about 14 of 32767) there is silence, in which nothing is present.
const SILENCE: f64 = 100.0;

/// What somebody heard.
#[derive(Clone, PartialEq, Eq)]
pub struct Heard {
    samples: Vec<i16>,
    rate: u32,
}

impl fmt::Debug for Heard {
    /// The shares of the tones that tests use: who reads of a failed test wants to know what was heard.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Heard({:?}", self.duration())?;
        for hertz in [350, 440, 620, 1000] {
            write!(f, ", {hertz} Hz {:.1} %", self.share(hertz) * 100.0)?;
        }
        f.write_str(")")
    }
}

impl Heard {
    /// Sound from its samples, `rate` of them a second.
    #[must_use]
    pub fn new(samples: Vec<i16>, rate: u32) -> Self {
        Self { samples, rate }
    }

    /// Reads a WAV file of 16-bit PCM, one channel.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::from_wav(&bytes).with_context(|| format!("{} is no recording", path.display()))
    }

    /// Decodes a WAV file of 16-bit PCM, one channel. A recorder that was broken off leaves sizes behind
    /// that are too small or too large: what is there counts.
    pub fn from_wav(bytes: &[u8]) -> Result<Self> {
        if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
            bail!("no WAV file");
        }
        let mut rest = &bytes[12..];
        let mut rate = None;
        while let Some((head, body)) = rest.split_first_chunk::<8>() {
            let (name, size) = head.split_at(4);
            let size = usize::try_from(number(size))?;
            match name {
                b"fmt " => rate = Some(rate_of(body)?),
                b"data" => {
                    let rate = rate.context("its data come before their format")?;
                    let samples = body
                        .as_chunks::<2>()
                        .0
                        .iter()
                        .map(|pair| i16::from_le_bytes(*pair));
                    return Ok(Self::new(samples.collect(), rate));
                }
                _ => {}
            }
            rest = body.get(size + size % 2..).unwrap_or_default();
        }
        bail!("it has no data");
    }

    /// How long it sounded.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.samples.len() as f64 / f64::from(self.rate))
    }

    /// Whether next to nothing was heard.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.power() < SILENCE
    }

    /// Whether the tone of `hertz` is there: it makes up two percent of all energy or more.
    #[must_use]
    pub fn holds(&self, hertz: u32) -> bool {
        !self.is_silent() && self.share(hertz) >= PRESENT
    }

    /// Whether the tone of `hertz` is not there: it makes up half a percent of all energy or less.
    #[must_use]
    pub fn lacks(&self, hertz: u32) -> bool {
        self.is_silent() || self.share(hertz) <= ABSENT
    }

    /// Which of the tones has the most energy, or `None` for silence.
    #[must_use]
    pub fn loudest(&self, tones: &[u32]) -> Option<u32> {
        let by_share = |a: &u32, b: &u32| self.share(*a).total_cmp(&self.share(*b));
        tones
            .iter()
            .copied()
            .max_by(by_share)
            .filter(|_| !self.is_silent())
    }

    /// The part of all energy, from 0 to 1, that the tone of `hertz` makes up.
    #[must_use]
    pub fn share(&self, hertz: u32) -> f64 {
        let size = self.rate as usize / BLOCKS_PER_SECOND;
        let (mut tone, mut all) = (0.0, 0.0);
        for block in self.samples.chunks_exact(size.max(1)) {
            tone += tone_power(block, f64::from(hertz) / f64::from(self.rate));
            all += mean_square(block);
        }
        if all > 0.0 { (tone / all).min(1.0) } else { 0.0 }
    }

    fn power(&self) -> f64 {
        mean_square(&self.samples)
    }
}

/// A tone of `hertz` in samples, `rate` of them a second, that reach up to `amplitude`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "no sine is larger than its amplitude, which is an i16"
)]
pub fn tone(hertz: u32, amplitude: i16, rate: u32, length: Duration) -> Vec<i16> {
    let count = length.as_millis() * u128::from(rate) / 1000;
    let step = TAU * f64::from(hertz) / f64::from(rate);
    (0..count)
        .map(|n| ((n as f64 * step).sin() * f64::from(amplitude)) as i16)
        .collect()
}

/// A WAV file of 16-bit PCM, one channel.
#[must_use]
pub fn wav(samples: &[i16], rate: u32) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let size = u32::try_from(data.len()).unwrap_or(u32::MAX - 36);
    let mut file = Vec::with_capacity(44 + data.len());
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + size).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    file.extend_from_slice(&[1, 0, 1, 0]); // PCM, one channel
    file.extend_from_slice(&rate.to_le_bytes());
    file.extend_from_slice(&(rate * 2).to_le_bytes());
    file.extend_from_slice(&[2, 0, 16, 0]); // bytes and bits of a sample
    file.extend_from_slice(b"data");
    file.extend_from_slice(&size.to_le_bytes());
    file.extend_from_slice(&data);
    file
}

/// One sample in mu-law, G.711's code for PCMU.
#[must_use]
pub fn ulaw(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = sample.unsigned_abs().min(32_635) + 132;
    // The segment is where the highest bit lies; the four bits below it are the step within it.
    let segment = 8 - u16::try_from(magnitude.leading_zeros()).unwrap_or(8);
    let step = (magnitude >> (segment + 3)) & 0x0f;
    !(sign | u8::try_from(segment << 4 | step).unwrap_or(0x7f))
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn rate_of(format: &[u8]) -> Result<u32> {
    let Some(format) = format.first_chunk::<16>() else {
        bail!("its format is cut off")
    };
    let (coding, channels, bits) = (number(&format[..2]), number(&format[2..4]), number(&format[14..]));
    if (coding, channels, bits) != (1, 1, 16) {
        bail!("not 16-bit PCM of one channel (coding {coding}, {channels} channels, {bits} bits)");
    }
    Ok(number(&format[4..8]))
}

fn mean_square(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    if samples.is_empty() {
        0.0
    } else {
        sum / samples.len() as f64
    }
}

/// Goertzel's algorithm under a Hann window: the power of the tone of `cycles` a sample.
fn tone_power(block: &[i16], cycles: f64) -> f64 {
    let length = block.len() as f64;
    let turn = 2.0 * (TAU * cycles).cos();
    let (mut one, mut two) = (0.0, 0.0);
    for (n, sample) in block.iter().enumerate() {
        let window = (PI * n as f64 / length).sin().powi(2);
        let now = f64::from(*sample) * window + turn * one - two;
        (two, one) = (one, now);
    }
    let square = one * one + two * two - turn * one * two;
    // The window halves the amplitude, and the sum counts half of it once per sample.
    let amplitude = 4.0 * square.max(0.0).sqrt() / length;
    amplitude * amplitude / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn heard(tones: &[u32]) -> Heard {
        let mut mix = vec![0; 8000];
        for hertz in tones {
            mix.iter_mut()
                .zip(tone(*hertz, 8000, 8000, SECOND))
                .for_each(|(sum, sample)| *sum += sample);
        }
        Heard::new(mix, 8000)
    }

    #[test]
    fn a_tone_is_told_from_another() {
        let heard = heard(&[620]);
        assert!(heard.holds(620) && heard.lacks(440));
        assert!(!heard.holds(440) && !heard.lacks(620));
        assert_eq!(heard.loudest(&[350, 440, 620]), Some(620));
        assert!(heard.share(620) > 0.99, "{}", heard.share(620));
    }

    #[test]
    fn two_tones_at_once_are_both_there() {
        let heard = heard(&[440, 620]);
        assert!(heard.holds(440) && heard.holds(620) && heard.lacks(350));
    }

    #[test]
    fn a_tone_after_long_silence_is_there() {
        let mut samples = vec![0; 80_000];
        samples.extend(tone(440, 8000, 8000, SECOND));
        assert!(Heard::new(samples, 8000).holds(440));
    }

    #[test]
    fn a_soft_tone_under_a_loud_one_is_there() {
        let mut mix = tone(440, 8000, 8000, SECOND);
        mix.iter_mut()
            .zip(tone(350, 1500, 8000, SECOND))
            .for_each(|(sum, sample)| *sum += sample);
        let heard = Heard::new(mix, 8000);
        assert!(heard.holds(350) && heard.holds(440) && heard.lacks(620));
    }

    #[test]
    fn silence_holds_nothing() {
        let heard = heard(&[]);
        assert!(heard.is_silent() && heard.lacks(440) && !heard.holds(440));
        assert_eq!(heard.loudest(&[440]), None);
        assert!(Heard::new(Vec::new(), 8000).is_silent());
    }

    #[test]
    fn noise_is_no_tone() {
        let mut random = fastrand::Rng::with_seed(7);
        let heard = Heard::new((0..8000).map(|_| random.i16(-8000..8000)).collect(), 8000);
        assert!(!heard.is_silent() && !heard.holds(440));
    }

    #[test]
    fn a_wav_file_is_read_back() {
        let samples = tone(440, 8000, 16_000, SECOND);
        let heard = Heard::from_wav(&wav(&samples, 16_000)).unwrap();
        assert_eq!(heard, Heard::new(samples, 16_000));
        assert_eq!(heard.duration(), SECOND);
    }

    #[test]
    fn a_broken_off_wav_file_is_read_as_far_as_it_goes() {
        let mut file = wav(&[1, 2, 3, 4], 8000);
        file[40..44].fill(0); // the size of the data, never written
        assert_eq!(Heard::from_wav(&file).unwrap().samples, [1, 2, 3, 4]);
        file[40..44].fill(0x7f);
        file.truncate(file.len() - 3);
        assert_eq!(Heard::from_wav(&file).unwrap().samples, [1, 2]);
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        let refusal = |bytes: &[u8]| Heard::from_wav(bytes).unwrap_err().to_string();
        assert_eq!(refusal(b"<html>"), "no WAV file");
        let mut stereo = wav(&[1, 2], 8000);
        stereo[22] = 2;
        assert_eq!(
            refusal(&stereo),
            "not 16-bit PCM of one channel (coding 1, 2 channels, 16 bits)"
        );
        assert_eq!(refusal(&wav(&[1], 8000)[..36]), "it has no data");
    }

    #[test]
    fn mu_law_matches_the_standard() {
        // Known points of the G.711 table: zero, the ends, and the first steps.
        assert_eq!(
            [0, 32_767, -32_768, 8, -8].map(ulaw),
            [0xff, 0x80, 0x00, 0xfe, 0x7e]
        );
    }
}
