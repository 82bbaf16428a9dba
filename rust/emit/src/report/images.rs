//! Which images are pulled for which platform, and what runs of them.

use podman_btrfs_core::plan::{ImagePull, Plan};
use podman_btrfs_core::spec::Platform;

use super::markdown::{Document, code, prose};

pub(super) fn write(document: &mut Document, plan: &Plan) {
    let images = &plan.images;
    if images.pulls.is_empty() {
        return;
    }
    document.heading(2, "Images");
    document.table(
        ["Image", "Platform", "Store", "Local name", "Here", "For"],
        images.pulls.iter().map(row).collect(),
    );
    if !images.emulated.is_empty() {
        let platforms: Vec<&str> = images.emulated.iter().map(|p| Platform::name(*p)).collect();
        document.paragraph(&format!("Emulated: {}.", platforms.join(", ")));
    }
}

fn row(pull: &ImagePull) -> [String; 6] {
    let containers: Vec<String> = pull.containers.iter().map(|c| prose(c.as_str())).collect();
    [
        code(pull.reference.as_str()),
        pull.platform
            .map_or("the host's", Platform::name)
            .to_owned(),
        pull.user
            .as_ref()
            .map_or_else(|| "root".to_owned(), |user| prose(user.as_str())),
        pull.local_name
            .as_ref()
            .map_or_else(|| "–".to_owned(), |name| code(name.as_str())),
        pull.runs.name().to_owned(),
        containers.join(", "),
    ]
}
