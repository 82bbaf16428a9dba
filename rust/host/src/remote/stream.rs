//! How much data a stream of `btrfs send --no-data` stands for.
//!
//! The stream's form is the kernel's (`fs/btrfs/send.h`): a head of 17 bytes, then commands, each with its length, number and checksum,
//! and attributes with type and length. With `--no-data` an extent is told by `UPDATE_EXTENT` with its size, and its data left out.

/// `btrfs-stream`, a zero, and the version.
const HEAD: usize = 17;
/// Length (4 bytes), command (2), checksum (4).
const COMMAND: usize = 10;
/// `BTRFS_SEND_C_UPDATE_EXTENT`.
const UPDATE_EXTENT: u16 = 22;
/// `BTRFS_SEND_A_SIZE`.
const SIZE: u16 = 4;

/// Longer than any command without data: what waits for its end beyond this is no stream of the kernel's.
const LONGEST: usize = 1 << 20;

/// Adds up what goes by.
#[derive(Debug, Default)]
pub(super) struct StreamSize {
    /// What is not a whole command yet.
    rest: Vec<u8>,
    is_begun: bool,
    /// Bytes of extents, before any compression.
    data: u64,
    /// Bytes of the stream itself.
    commands: u64,
}

impl StreamSize {
    pub(super) fn see(&mut self, chunk: &[u8]) {
        self.commands = self
            .commands
            .saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        self.rest.extend_from_slice(chunk);
        let mut at = 0;
        if !self.is_begun {
            if self.rest.len() < HEAD {
                return;
            }
            self.is_begun = true;
            at = HEAD;
        }
        while let Some((command, content, length)) = self.rest.get(at..).and_then(command) {
            if command == UPDATE_EXTENT {
                self.data = self.data.saturating_add(size(content).unwrap_or(0));
            }
            at += length;
        }
        self.rest.drain(..at);
        if self.rest.len() > LONGEST {
            self.rest.clear();
        }
    }

    /// Data and commands together.
    pub(super) fn bytes(&self) -> u64 {
        self.data.saturating_add(self.commands)
    }
}

/// A whole command at the beginning: its number, its attributes, its length.
fn command(bytes: &[u8]) -> Option<(u16, &[u8], usize)> {
    let length = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?);
    let number = u16::from_le_bytes(bytes.get(4..6)?.try_into().ok()?);
    let end = COMMAND.checked_add(usize::try_from(length).ok()?)?;
    Some((number, bytes.get(COMMAND..end)?, end))
}

/// The attribute of the size.
fn size(mut attributes: &[u8]) -> Option<u64> {
    loop {
        let kind = u16::from_le_bytes(attributes.get(..2)?.try_into().ok()?);
        let length = usize::from(u16::from_le_bytes(attributes.get(2..4)?.try_into().ok()?));
        let value = attributes.get(4..4 + length)?;
        if kind == SIZE {
            return Some(u64::from_le_bytes(value.try_into().ok()?));
        }
        attributes = attributes.get(4 + length..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(bytes: u64) -> Vec<u8> {
        // File offset first, as the kernel writes it.
        let mut attributes = [18_u16.to_le_bytes(), 8_u16.to_le_bytes()].concat();
        attributes.extend(0_u64.to_le_bytes());
        attributes.extend([SIZE.to_le_bytes(), 8_u16.to_le_bytes()].concat());
        attributes.extend(bytes.to_le_bytes());
        let length = u32::try_from(attributes.len()).unwrap();
        let mut all = length.to_le_bytes().to_vec();
        all.extend(UPDATE_EXTENT.to_le_bytes());
        all.extend([0; 4]);
        all.extend(attributes);
        all
    }

    #[test]
    fn extents_are_added_up_wherever_the_pieces_end() {
        let mut stream = b"btrfs-stream\0\x01\0\0\0".to_vec();
        stream.extend(extent(4096));
        stream.extend(extent(1 << 40));
        for piece in [1, 7, 17, stream.len()] {
            let mut size = StreamSize::default();
            stream.chunks(piece).for_each(|chunk| size.see(chunk));
            assert_eq!(size.data, 4096 + (1 << 40), "{piece}");
            assert!(size.rest.is_empty());
        }
    }

    #[test]
    fn a_stream_that_lies_about_its_lengths_is_survived() {
        let mut size = StreamSize::default();
        let mut stream = b"btrfs-stream\0\x01\0\0\0".to_vec();
        stream.extend([0xff; 40]);
        size.see(&stream);
        assert_eq!(size.data, 0);
    }
}
