//! Whose the files of one subvolume are: those below a directory of its root that is somebody's are his, all others lie beside.

use std::collections::{BTreeMap, HashMap};

use crate::system::ROOT;

/// Whose files are.
pub(super) struct Owners<'e> {
    /// Files and directories, each with a directory that it has a name in; in the order of their numbers.
    names: Vec<(u64, u64)>,
    /// Directories of which it is known whose they are.
    known: HashMap<u64, usize>,
    /// Directories of the root that are somebody's.
    inside: &'e BTreeMap<u64, usize>,
    beside: usize,
    /// The file that was asked about last, and whose it is.
    last: (u64, Vec<usize>),
}

impl<'e> Owners<'e> {
    /// Of a subvolume with these names, in which these directories are somebody's.
    pub(super) fn of(
        names: &[(u64, u64)],
        inside: &'e BTreeMap<u64, usize>,
        beside: usize,
    ) -> Self {
        let mut of_it = if inside.is_empty() {
            Vec::new()
        } else {
            names.to_vec()
        };
        of_it.sort_unstable();
        Self {
            names: of_it,
            known: HashMap::new(),
            inside,
            beside,
            last: (0, vec![beside]),
        }
    }

    /// Whose a file is: of several where it has names in several places, and nobody's own where it has none.
    pub(super) fn of_inode(&mut self, inode: u64) -> &[usize] {
        if !self.inside.is_empty() && self.last.0 != inode {
            let directories: Vec<u64> = self.above(inode).collect();
            let mut owners: Vec<usize> = directories
                .into_iter()
                .map(|above| self.of_directory(above))
                .collect();
            if owners.is_empty() {
                owners.push(self.beside);
            }
            owners.sort_unstable();
            owners.dedup();
            self.last = (inode, owners);
        }
        &self.last.1
    }

    fn above(&self, inode: u64) -> impl Iterator<Item = u64> + '_ {
        let begin = self.names.partition_point(|(of, _)| *of < inode);
        let of_it = self.names.iter().skip(begin);
        of_it
            .take_while(move |(of, _)| *of == inode)
            .map(|(_, above)| *above)
    }

    fn of_directory(&mut self, directory: u64) -> usize {
        let mut on_the_way = Vec::new();
        let mut current = directory;
        let owner = loop {
            if current == ROOT {
                break self.beside;
            }
            if let Some(owner) = self
                .inside
                .get(&current)
                .or_else(|| self.known.get(&current))
            {
                break *owner;
            }
            on_the_way.push(current);
            // In a damaged tree directories may lie in each other.
            let next = self.above(current).next();
            match next.filter(|_| on_the_way.len() <= self.names.len()) {
                Some(above) => current = above,
                None => break self.beside,
            }
        };
        self.known
            .extend(on_the_way.into_iter().map(|of| (of, owner)));
        owner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BESIDE: usize = 9;

    #[test]
    fn a_file_is_of_the_directory_of_the_root_that_it_lies_below() {
        // 300 and 400 are volumes; 301 lies in 300, 302 in that, and its file 500 has a second name in 400.
        let names = [
            (300, ROOT),
            (400, ROOT),
            (301, 300),
            (302, 301),
            (500, 302),
            (500, 400),
            (501, 302),
            (600, ROOT),
            (601, 600),
        ];
        let inside = BTreeMap::from([(300, 1), (400, 2)]);
        let mut owners = Owners::of(&names, &inside, BESIDE);
        assert_eq!(owners.of_inode(500), [1, 2]);
        assert_eq!(owners.of_inode(501), [1]);
        assert_eq!(owners.of_inode(501), [1]);
        assert_eq!(owners.of_inode(601), [BESIDE]);
        assert_eq!(owners.of_inode(600), [BESIDE]);
        assert_eq!(owners.of_inode(777), [BESIDE], "deleted, and still open");
    }

    #[test]
    fn where_nobody_has_a_directory_all_lies_beside() {
        let inside = BTreeMap::new();
        let mut owners = Owners::of(&[(300, ROOT)], &inside, BESIDE);
        assert_eq!(owners.of_inode(300), [BESIDE]);
    }

    #[test]
    fn directories_that_lie_in_each_other_end() {
        let inside = BTreeMap::from([(300, 1)]);
        let mut owners = Owners::of(&[(400, 401), (401, 400), (500, 400)], &inside, BESIDE);
        assert_eq!(owners.of_inode(500), [BESIDE]);
    }
}
