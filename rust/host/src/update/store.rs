//! What is asked of Podman's store of images.

use std::time::Duration;

use podman_btrfs_core::units::{ImageReference, UserName};

use super::journal::is_image;
use crate::group::podman::{PATIENCE, Podman};
use crate::system::{Fault, System};

/// How long a pull may take: large images over slow lines.
const PULL: Duration = Duration::from_secs(60 * 60);

/// The store of one user.
pub(super) struct Store<'s> {
    pub(super) podman: Podman<'s>,
}

impl<'s> Store<'s> {
    /// That of root, or of a user.
    pub(super) fn of(system: &'s dyn System, user: Option<&UserName>) -> Result<Self, Fault> {
        Podman::of(system, user).map(|podman| Self { podman })
    }

    /// The identity of the image that a name, or an identity, means; `None`: there is none.
    pub(super) fn image(&self, name: &str) -> Result<Option<String>, Fault> {
        match self
            .podman
            .run(&["image", "exists", "--", name], &[], PATIENCE)
        {
            Ok(_) => {}
            Err(Fault::Program { status: 1, .. }) => return Ok(None),
            Err(fault) => return Err(fault),
        }
        let words = ["image", "inspect", "--format={{.Id}}", "--", name];
        let printed = self.podman.run(&words, &[], PATIENCE)?.stdout;
        let id = printed.trim();
        let id = format!("sha256:{}", id.strip_prefix("sha256:").unwrap_or(id));
        if is_image(&id) {
            return Ok(Some(id));
        }
        Err(Fault::Unexpected(format!(
            "`podman image inspect {name}` printed `{}`, which is no identity of an image",
            printed.trim().escape_debug()
        )))
    }

    /// Has a name mean an image.
    pub(super) fn tag(&self, image: &str, name: &ImageReference) -> Result<(), Fault> {
        let image = image.strip_prefix("sha256:").unwrap_or(image);
        let words = ["tag", "--", image, name.as_str()];
        self.podman.run(&words, &[], PATIENCE).map(drop)
    }

    /// Takes a name of ours away, if it is there.
    pub(super) fn untag(&self, name: &ImageReference) -> Result<(), Fault> {
        if self.image(name.as_str())?.is_none() {
            return Ok(());
        }
        let words = ["untag", "--", name.as_str(), name.as_str()];
        self.podman.run(&words, &[], PATIENCE).map(drop)
    }

    /// Fetches what a reference means at its registry.
    pub(super) fn pull(&self, reference: &ImageReference) -> Result<(), Fault> {
        let words = ["pull", "--quiet", "--", reference.as_str()];
        self.podman.run(&words, &[], PULL).map(drop)
    }
}
