//! Texts made to break a reader end in a finding, soon and without a crash.

#![expect(
    clippy::format_push_string,
    reason = "a test need not build its text fast"
)]

use podman_btrfs_source::{read, read_declaration};

#[test]
fn deep_nesting_is_a_finding() {
    for (open, close) in [
        ("[", "]"),
        ("{a=", ";}"),
        ("(", ")"),
        ("\"${", "}\""),
        ("''${", "}''"),
        ("{a=[(", ")];}"),
        ("-", ""),
        ("!", ""),
        ("x: ", ""),
        ("{ x }: ", ""),
        ("let a = 1; in ", ""),
        ("let { a = ", "; }"),
        ("with a; ", ""),
        ("assert a; ", ""),
        ("if a then b else ", ""),
        ("if ", " then a else b"),
        ("a ++ ", ""),
        ("a // ", ""),
        ("a -> ", ""),
        ("a + ", ""),
        ("a ", ""),
        ("a.b or ", ""),
        ("[ a.b or ", "]"),
        ("a <| ", ""),
        ("a ? ", ""),
    ] {
        for depth in [90, 20_000] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let result = read(&text);
            assert!(depth < 20_000 || result.is_err(), "{open} {depth}");
        }
    }
}

#[test]
fn long_runs_of_anything_end_without_a_panic() {
    for run in [
        "-", "--", ".", "a.", "1.", "+", "<", "</", "a-", "]", ")", "}", ";", ",", "=", "= ", "- ",
        "a = ", "@", "$", "${", "\\", "'", "' ", "\"", "/", "/*", "//", "~", "%", "é", "a:", "a:b",
        "a/b", "\r", "\u{a0}", "# \n", "or ", "inherit ", "a,", "{ a, ", "...", "[ ) ", "\"\"",
        "\"a\"",
    ] {
        for prefix in ["", "[ ", "{ ", "{ a = ", "x: ", "\"", "''"] {
            let text = format!("{prefix}{}", run.repeat(8_000 / run.len()));
            let _ = read(&text);
        }
    }
}

#[test]
fn an_attribute_path_without_end_is_a_finding() {
    let path = |names: usize| format!("{{ {} = 1; }}", vec!["a"; names].join("."));
    assert!(read(&path(50)).is_ok());
    assert!(read(&path(51)).is_err());
    assert!(read(&path(100_000)).is_err());
}

#[test]
fn references_that_double_a_value_end_in_one_finding() {
    let mut text = "let a0 = [ 1 1 ];".to_owned();
    for level in 1..40 {
        text += &format!(" a{level} = [ a{} a{} ];", level - 1, level - 1);
    }
    text += " in a39";
    assert_eq!(read(&text).unwrap_err().len(), 1);
}

#[test]
fn interpolation_that_doubles_a_string_ends_in_one_finding() {
    let mut text = "let a0 = \"0123456789\";".to_owned();
    for level in 1..40 {
        text += &format!(" a{level} = \"${{a{}}}${{a{}}}\";", level - 1, level - 1);
    }
    text += " in a39";
    assert_eq!(read(&text).unwrap_err().len(), 1);
}

#[test]
fn references_that_deepen_a_value_end_in_a_finding() {
    let chain = |length: usize| {
        let mut text = "let a0 = 1;".to_owned();
        for level in 1..=length {
            text += &format!(" a{level} = [ a{} ];", level - 1);
        }
        text + &format!(" in a{length}")
    };
    assert!(read(&chain(100)).is_ok());
    assert!(read(&chain(130)).is_err());
    assert!(read(&chain(10_000)).is_err());
}

#[test]
fn a_text_cut_anywhere_is_a_finding_or_a_value() {
    let text = "{ config, ... }:\nlet n = \"a\"; in {\n  services.podmanBtrfs = {\n    x = [ 1 (-2) ''\n      é ${n} ''${y}\n    '' ];\n    \"k\\n\" = { inherit n; }; # end\n    /* é */ z.w = 1.5;\n  };\n}\n";
    assert!(read_declaration(text).is_ok());
    for (end, _) in text.char_indices().skip(1) {
        let cut = &text[..end];
        let result = read_declaration(cut);
        assert!(result.is_err() || text[end..].trim().is_empty(), "{cut}");
    }
}

#[test]
fn a_large_file_is_read() {
    let file = |workloads: usize| {
        let mut text = "{\n  workloads = {\n".to_owned();
        for number in 0..workloads {
            text += &format!(
                "    w{number} = {{\n      containers.main.image = \"docker.io/library/postgres:17\";\n"
            );
            for volume in ["data", "config", "cache"] {
                text += &format!(
                    "      volumes.{volume} = {{ mounts.main = \"/var/lib/{volume}\"; size = \"10G\"; growth = \"1G/day\"; }};\n"
                );
            }
            text += "      protection = { policy = \"gold\"; consistency = \"application\"; };\n    };\n";
        }
        text + "  };\n}\n"
    };
    assert!(read(&file(1_000)).is_ok());
}
