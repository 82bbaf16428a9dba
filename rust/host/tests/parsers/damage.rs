//! Damaged texts, for the tests of parsers here and beside those that nothing outside of the crate sees.

/// `xorshift64*`: enough to damage texts with.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end.max(1)
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// What hurts parsers.
const WORDS: &[&str] = &[
    "",
    " ",
    "\n",
    "\n\n",
    "\t",
    "\0",
    "-",
    "-1",
    "0",
    "18446744073709551615",
    "18446744073709551616",
    "1e9",
    "..",
    "/",
    "//",
    "\\",
    "\\040",
    "\\777",
    "é",
    "\u{202e}",
    "{",
    "}",
    "[]",
    "\"",
    "null",
    "none",
    ",",
    "=",
    ":",
    ".",
    "path ",
    "ID ",
    " - ",
];

/// A damaged text.
fn damaged(samples: &[&str], chance: &mut Chance) -> String {
    let mut text = chance.one_of(samples).to_owned();
    for _ in 0..=chance.below(6) {
        let (from, to) = (place_in(&text, chance), place_in(&text, chance));
        let (from, to) = (from.min(to), from.max(to));
        match chance.below(5) {
            0 => text.insert_str(from, chance.one_of(WORDS)),
            1 => text.replace_range(from..to, chance.one_of(WORDS)),
            2 => text.truncate(to),
            3 => {
                let part = text[from..to].to_owned();
                text.insert_str(to, &part);
            }
            _ => {
                let other = chance.one_of(samples);
                let part = &other[place_in(other, chance)..];
                text.insert_str(from, part);
            }
        }
        text.truncate(boundary(&text, 1 << 14));
    }
    text
}

/// The last place up to this one that is between two characters.
fn boundary(text: &str, most: usize) -> usize {
    let mut places = (0..=most.min(text.len())).rev();
    places
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0)
}

/// Between two characters, often near where a word begins.
fn place_in(text: &str, chance: &mut Chance) -> usize {
    let place = boundary(text, chance.below(text.len() + 1));
    match text[place..].find([' ', '\n', ',', ':', '"']) {
        Some(until) if chance.below(2) == 0 => place + until,
        Some(_) | None => place,
    }
}

/// Gives the samples to the parser, and then damaged ones: ten thousand, or as many as `PODMAN_BTRFS_INPUTS` says.
pub(crate) fn each(samples: &[&str], mut parse: impl FnMut(&str)) {
    let inputs = std::env::var("PODMAN_BTRFS_INPUTS").map_or(10_000, |text| text.parse().unwrap());
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    for sample in samples {
        parse(sample);
    }
    for _ in 0..inputs {
        parse(&damaged(samples, &mut chance));
    }
}
