use super::*;

fn known() -> Knowledge {
    Knowledge::parse().expect("the shipped knowledge parses")
}

fn reference(text: &str) -> ImageReference {
    crate::units::Text::parse(text).unwrap()
}

#[test]
fn at_least_120_applications_are_known() {
    let known = known();
    let count = known.applications().len();
    assert!(count >= 120, "{count}");
}

#[test]
fn files_are_sorted_and_in_one_form() {
    for (area, text) in AREAS.iter().chain(&[("general", GENERAL)]) {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let canonical = serde_json::to_string_pretty(&value).unwrap() + "\n";
        assert!(*text == canonical, "{area}.json: keys sorted, two spaces");
        if let Some(entries) = value.as_array() {
            let key = |entry: &serde_json::Value| {
                let first = entry["images"][0].as_str().unwrap().to_owned();
                let application = entry["application"].as_str().unwrap().to_owned();
                (application, first, entry["from"].as_u64())
            };
            assert!(entries.is_sorted_by_key(key), "{area}.json: entries sorted");
        }
    }
}

#[test]
fn two_entries_of_one_image_are_about_different_releases() {
    let known = known();
    for (name, entries) in &known.by_name {
        for major in 0..200 {
            let claiming = known.released(Some(entries), Release::Major(major));
            assert!(claiming.len() <= 1, "{name}: two entries for {major}");
        }
        let newest = known.released(Some(entries), Release::Newest);
        assert!(newest.len() <= 1, "{name}: two entries for the newest");
    }
}

#[test]
fn an_application_stands_in_one_file_only() {
    let mut places: BTreeMap<String, &str> = BTreeMap::new();
    for (area, text) in AREAS {
        let images: Vec<KnownImage> = serde_json::from_str(text).unwrap();
        for image in images {
            let first = places.insert(image.application.clone(), area);
            assert!(
                first.is_none_or(|first| first == *area),
                "{} in two files",
                image.application
            );
        }
    }
}

#[test]
fn names_are_full_names_of_images() {
    for name in known().by_name.keys() {
        let (registry, repository) = name.split_once('/').unwrap();
        assert!(registry.contains('.'), "{name}");
        assert!(!repository.contains([':', '@']), "{name}");
        assert_eq!(full_name(&reference(name)), *name);
    }
}

#[test]
fn what_is_said_of_paths_fits_together() {
    let known = known();
    for image in &known.images {
        let of = image.images.first().unwrap();
        assert!(!image.paths.is_empty() || !image.volumes.is_empty(), "{of}");
        for path in &image.apart {
            let above = image
                .paths
                .keys()
                .chain(&image.volumes)
                .any(|other| other != path && other.contains(path));
            assert!(image.paths.contains_key(path) && above, "{of} {path}");
        }
        for (path, with) in &image.shared {
            assert!(image.paths.contains_key(path), "{of} {path}");
            assert!(!with.is_empty() && !with.contains(&image.application));
            for other in with {
                assert!(known.by_application.contains_key(other), "{of}: {other}");
            }
        }
    }
}

#[test]
fn every_class_is_somebodys() {
    let known = known();
    let of_images = known.images.iter().flat_map(|image| image.paths.values());
    let general = known.general.paths.values();
    let all = of_images.chain(general).chain(known.general.words.values());
    let used: BTreeSet<Class> = all.copied().collect();
    for class in Class::ALL {
        // `index` is what a declaration says when it does not matter which of the two it is.
        assert!(used.contains(&class) || class == Class::Index, "{class:?}");
    }
}

#[test]
fn an_owner_and_a_registry_tell_images_apart() {
    let known = known();
    let paths = |text: &str| -> BTreeSet<String> {
        let found = known.image(&reference(text));
        let paths = found.iter().flat_map(|image| image.paths.keys());
        paths.map(ToString::to_string).collect()
    };
    assert!(paths("mariadb:11").contains("/var/lib/mysql"));
    assert!(paths("docker.io/library/mariadb").contains("/var/lib/mysql"));
    assert!(paths("ghcr.io/linuxserver/mariadb").contains("/config"));
    assert!(!paths("ghcr.io/linuxserver/mariadb").contains("/var/lib/mysql"));
    assert!(paths("bitnami/postgresql:16").contains("/bitnami/postgresql"));
    assert!(paths("ghcr.io/example/mariadb").is_empty());
}

#[test]
fn a_tag_says_the_release() {
    let known = known();
    let volumes = |text: &str| -> Vec<String> {
        let found = known.image(&reference(text));
        let volumes = found.iter().flat_map(|image| &image.volumes);
        volumes.map(ToString::to_string).collect()
    };
    for old in [
        "postgres:17",
        "postgres:9.6-alpine",
        "postgres:17@sha256:abc",
    ] {
        assert_eq!(volumes(old), ["/var/lib/postgresql/data"], "{old}");
    }
    for new in [
        "postgres:18",
        "postgres:18.1-alpine",
        "postgres",
        "postgres:alpine",
    ] {
        assert_eq!(volumes(new), ["/var/lib/postgresql"], "{new}");
    }
    assert_eq!(volumes("postgres@sha256:abc").len(), 2);
}

#[test]
fn namesakes_are_mirrors_and_builds_of_ones_own() {
    let known = known();
    let namesake = |text: &str| {
        let found = known.namesakes(&reference(text));
        found.first().map(|image| image.application.clone())
    };
    assert_eq!(
        namesake("mirror.example.org/library/redis:7").unwrap(),
        "redis"
    );
    assert_eq!(
        namesake("public.ecr.aws/docker/library/redis:7").unwrap(),
        "redis"
    );
    assert_eq!(namesake("localhost/redis").unwrap(), "redis");
    // `server` is a repository of many applications and the name of none.
    assert_eq!(namesake("git.example.org/me/server"), None);
}
