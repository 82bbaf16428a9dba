use super::*;
use crate::units::Text;

fn judged(name: &str, declared: &Volume, mounts: &[(Option<&str>, &str)]) -> Inference {
    let mounts: Vec<(Option<ImageReference>, ContainerPath)> = mounts
        .iter()
        .map(|(image, path)| {
            let image = image.map(|text| ImageReference::parse(text).unwrap());
            (image, ContainerPath::parse(path).unwrap())
        })
        .collect();
    infer(
        &VolumeName::parse(name).unwrap(),
        declared,
        mounts.iter().map(|(image, path)| (image.as_ref(), path)),
    )
}

fn inferred(name: &str, image: Option<&str>, path: &str) -> Inference {
    judged(name, &Volume::default(), &[(image, path)])
}

fn with_engine(engine: DatabaseEngine, image: &str, path: &str) -> Inference {
    let declared = Volume {
        engine: Some(engine),
        ..Volume::default()
    };
    judged("v", &declared, &[(Some(image), path)])
}

#[test]
fn a_known_image_is_believed_whatever_the_name_says() {
    let found = inferred(
        "cache",
        Some("docker.io/library/postgres:17"),
        "/var/lib/postgresql/data",
    );
    assert_eq!(found.class, Some(Class::Database));
    assert_eq!(found.engine, Some(DatabaseEngine::Postgresql));
    assert_eq!(found.certainty, Certainty::Sure);
    assert_eq!(
        found.of(Source::Name).count(),
        1,
        "what was not followed is kept"
    );
}

#[test]
fn path_and_name_that_contradict_are_doubtful() {
    let found = inferred("cache", None, "/config");
    assert_eq!((found.class, found.certainty), (None, Certainty::Doubtful));
    assert!(found.because.contains("/config") && found.because.contains("cache"));
    assert_eq!(
        found.candidates(),
        [Class::Configuration, Class::Cache].into()
    );
}

#[test]
fn two_known_images_that_contradict_are_doubtful() {
    let found = judged(
        "v",
        &Volume::default(),
        &[
            (Some("postgres:17"), "/var/lib/postgresql/data"),
            (Some("redis:8"), "/data"),
        ],
    );
    assert_eq!((found.class, found.engine), (None, None));
    assert_eq!(found.certainty, Certainty::Doubtful);
}

#[test]
fn two_known_images_that_agree_are_sure() {
    let found = judged(
        "v",
        &Volume::default(),
        &[
            (Some("lscr.io/linuxserver/sonarr"), "/tv"),
            (Some("jellyfin/jellyfin"), "/media"),
        ],
    );
    assert_eq!(found.certainty, Certainty::Sure);
    assert_eq!(found.class, Some(Class::Media));
}

#[test]
fn a_word_is_a_whole_word() {
    assert_eq!(inferred("my-cache", None, "/x").class, Some(Class::Cache));
    assert_eq!(inferred("cached", None, "/x").class, None);
}

#[test]
fn words_that_contradict_each_other_are_doubtful() {
    let found = inferred("config-cache", None, "/x");
    assert_eq!((found.class, found.certainty), (None, Certainty::Doubtful));
}

#[test]
fn the_configuration_of_a_database_image_has_no_engine() {
    let found = inferred("c", Some("mongo:8"), "/data/configdb");
    assert_eq!(
        (found.class, found.engine),
        (Some(Class::Configuration), None)
    );
}

#[test]
fn a_mirror_makes_it_likely_and_names_no_engine() {
    let found = inferred(
        "v",
        Some("mirror.example.org/library/mariadb:11"),
        "/var/lib/mysql",
    );
    assert_eq!(found.class, Some(Class::Database));
    assert_eq!(found.certainty, Certainty::Likely);
    assert_eq!(
        found.engine, None,
        "who built it knows whether it is MariaDB"
    );
}

#[test]
fn a_namesake_is_not_believed_against_the_name() {
    let found = inferred("media", Some("localhost/redis"), "/data");
    assert_eq!((found.class, found.certainty), (None, Certainty::Doubtful));
}

#[test]
fn a_declared_engine_says_the_class() {
    let found = with_engine(DatabaseEngine::Mongodb, "example/own", "/x");
    assert_eq!(found.class, Some(Class::DocumentDatabase));
    assert_eq!(found.certainty, Certainty::Sure);
}

#[test]
fn a_declared_sqlite_refines_what_an_image_keeps_as_configuration() {
    let found = with_engine(DatabaseEngine::Sqlite, "authelia/authelia", "/config");
    assert_eq!(found.class, Some(Class::EmbeddedDatabase));
}

#[test]
fn a_declared_engine_against_what_the_image_keeps_is_doubtful() {
    let found = with_engine(
        DatabaseEngine::Redis,
        "postgres:17",
        "/var/lib/postgresql/data",
    );
    assert_eq!((found.class, found.certainty), (None, Certainty::Doubtful));
}

#[test]
fn a_component_is_not_taken_for_worthless_against_the_directory_above() {
    let found = inferred("v", None, "/var/lib/mysql/tmp");
    assert_eq!((found.class, found.certainty), (None, Certainty::Doubtful));
    let found = inferred("v", None, "/etc/app/certs");
    assert_eq!(found.class, Some(Class::Secrets));
}

#[test]
fn a_digest_alone_leaves_the_release_open_but_not_the_class() {
    let found = inferred("v", Some("postgres@sha256:abc"), "/var/lib/postgresql/data");
    assert_eq!(found.class, Some(Class::Database));
}
