//! Where each part of a value stands in the text.
//!
//! A tree beside the value's own tree, so that neither building nor asking copies a path.

use std::collections::BTreeMap;
use std::ops::Range;

use podman_btrfs_core::option_path::{OptionPath, Step};

/// The place of a value and the places of its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Spans {
    pub(crate) key: Option<Range<usize>>,
    pub(crate) value: Range<usize>,
    pub(crate) parts: Parts,
}

/// Places of the parts, in the shape of the value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Parts {
    /// Neither a set nor a list.
    None,
    /// Of an attribute set.
    Attributes(BTreeMap<String, Spans>),
    /// Of a list.
    Elements(Vec<Spans>),
}

/// The bytes of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The attribute name; absent for list elements and for the root.
    pub key: Option<Range<usize>>,
    /// The value.
    pub value: Range<usize>,
    /// True for a set or a list, which may go on for pages.
    pub is_composed: bool,
}

impl Spans {
    /// A value without parts.
    pub(crate) fn leaf(value: Range<usize>) -> Self {
        Self {
            key: None,
            value,
            parts: Parts::None,
        }
    }

    /// The place of a part; absent when the text holds nothing at this path.
    #[must_use]
    pub fn get(&self, path: &OptionPath) -> Option<Place> {
        let (part, missing) = self.descend(path);
        (missing == 0).then(|| part.place())
    }

    /// The place of the nearest part at or above a path, and whether it is the path's own.
    #[must_use]
    pub fn nearest(&self, path: &OptionPath) -> (Place, bool) {
        let (part, missing) = self.descend(path);
        (part.place(), missing == 0)
    }

    /// The part at a path's beginning, as deep as there is one, and how many steps are missing.
    fn descend(&self, path: &OptionPath) -> (&Self, usize) {
        let mut part = self;
        for (position, step) in path.0.iter().enumerate() {
            match part.step(step) {
                Some(next) => part = next,
                None => return (part, path.0.len() - position),
            }
        }
        (part, 0)
    }

    pub(crate) fn step(&self, step: &Step) -> Option<&Self> {
        match (&self.parts, step) {
            (Parts::Attributes(attributes), Step::Key(key)) => attributes.get(key),
            (Parts::Elements(elements), Step::Index(index)) => elements.get(*index),
            (Parts::Attributes(_) | Parts::Elements(_) | Parts::None, _) => None,
        }
    }

    fn place(&self) -> Place {
        Place {
            key: self.key.clone(),
            value: self.value.clone(),
            is_composed: !matches!(self.parts, Parts::None),
        }
    }
}
