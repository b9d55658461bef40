//! Everything invented comes from here: a number is a hash of the seed and of a label, never of the order in which
//! things are made, so that adding a document to the world changes no other document.

use time::OffsetDateTime;

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A seeded source of names, numbers and times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mint(u64);

impl Mint {
    pub(crate) fn new(seed: u64) -> Self {
        Self(stir(seed ^ 0x5eed_0fa2_17cc))
    }

    pub(crate) fn number(self, label: &str) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ self.0;
        for byte in label.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        stir(hash)
    }

    pub(crate) fn below(self, label: &str, limit: usize) -> usize {
        let limit = limit.max(1) as u64;
        usize::try_from(self.number(label) % limit).unwrap_or(0)
    }

    pub(crate) fn guid(self, label: &str) -> String {
        let high = self.number(label);
        guid_of(high, stir(high ^ 0x9e37))
    }

    pub(crate) fn hex(self, label: &str) -> String {
        format!("{:016x}", self.number(label))
    }

    pub(crate) fn letters(self, label: &str, length: usize) -> String {
        let mut state = self.number(label);
        let mut out = String::with_capacity(length);
        for _ in 0..length {
            state = stir(state);
            let at = usize::try_from(state % 62).unwrap_or(0);
            out.push(char::from(LETTERS[at]));
        }
        out
    }

    /// A secret that a test can look for: the marker makes it findable, the rest makes it unique.
    pub(crate) fn planted(self, label: &str) -> String {
        format!("PLANTED-{}", self.letters(label, 40))
    }
}

/// Two words written in the form of a version 4 GUID.
pub(crate) fn guid_of(high: u64, low: u64) -> String {
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48) & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}

/// The finaliser of splitmix64: cheap, and every input bit reaches every output bit.
pub(crate) fn stir(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Seconds since 1970 written the way the data plane writes times: seven digits of a second and an offset.
pub(crate) fn utc(seconds: i64, ticks: u32) -> String {
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}+00:00",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        ticks % 10_000_000
    )
}

/// The same with a `Z` and whole seconds, as storage and ARM write it.
pub(crate) fn zulu(seconds: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// The date form of HTTP headers.
pub(crate) fn http_date(seconds: i64) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        DAYS[usize::from(at.weekday().number_days_from_monday())],
        at.day(),
        MONTHS[usize::from(u8::from(at.month())) - 1],
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}
