//! What is refused, where, and in which words.

#![expect(
    clippy::format_push_string,
    clippy::needless_raw_string_hashes,
    reason = "a test need not build its text fast; the hashes are what UPDATE_EXPECT writes"
)]

use expect_test::{Expect, expect};
use podman_btrfs_source::{Document, SourceFinding, read, read_declaration};

fn position(text: &str, at: usize) -> String {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("{line}:{column}")
}

fn shown(text: &str, result: Result<Document, Vec<SourceFinding>>) -> String {
    let findings = match result {
        Ok(document) => return format!("`{}` {}\n", document.prefix, document.value),
        Err(findings) => findings,
    };
    assert!(!findings.is_empty());
    let mut lines = String::new();
    for finding in findings {
        let place = position(text, finding.span.start);
        let source = text[finding.span].escape_debug();
        lines += &format!(
            "{place} «{source}» {}\n  help: {}\n",
            finding.message, finding.help
        );
        for related in finding.related {
            lines += &format!(
                "  {} {}\n",
                position(text, related.span.start),
                related.label
            );
        }
    }
    lines
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text, read(text)));
}

fn check_declaration(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text, read_declaration(text)));
}

#[test]
fn everything_that_needs_evaluation_is_told_at_its_place_in_one_go() {
    check(
        "{ lib, config, ... }:\n{\n  a = lib.mkForce 1;\n  b = lib.mkIf config.x { y = 1; };\n  c = if true then 1 else 2;\n  d = 1 + 1;\n  e = [ lib.version (x: x) ];\n  f = rec { z = 1; };\n  g = \"${pkgs.hello}\";\n  h = <nixpkgs>;\n  i = /etc/passwd;\n  ${j} = 1;\n  k = a.b or 1;\n  l = !true;\n  m = (import ./x.nix) { };\n  n = 1;\n}\n",
        expect![[r#"
            3:7 «lib.mkForce 1» the call of `lib.mkForce` needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            4:7 «lib.mkIf config.x { y = 1; }» the call of `lib.mkIf` needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            5:7 «if true then 1 else 2» `if` needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            6:7 «1 + 1» the operator `+` needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            7:9 «lib.version» `lib.version` comes from the module's arguments, whose values only Nix knows
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            7:22 «x: x» a function needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            8:7 «rec { z = 1; }» `rec` needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            9:10 «pkgs.hello» `pkgs.hello` is not defined in this file
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            10:7 «<nixpkgs>» a path in `<…>` needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            11:7 «/etc/passwd» `/etc/passwd` is a path literal, not a string
              help: write it in double quotes; only `planFile` takes a path literal
            12:3 «${j}» this attribute name is computed, and this file is read without evaluating it
              help: write the name itself, in double quotes where it needs them
            13:7 «a.b or 1» `or` needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            14:7 «!true» the operator `!` needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            15:7 «(import ./x.nix) { }» a function call needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
        "#]],
    );
}

#[test]
fn a_definition_given_twice_names_both_places() {
    check(
        "{\n  a = 1;\n  b.c = 1;\n  b = { c = 2; };\n  a = 2;\n}",
        expect![[r#"
            4:9 «c» `c` is defined twice
              help: keep one of the two definitions
              3:5 defined here already
            5:3 «a» `a` is defined twice
              help: keep one of the two definitions
              2:3 defined here already
        "#]],
    );
}

#[test]
fn sets_written_in_parts_become_one() {
    check(
        "{ a.b.c = 1; a = { b = { d = 2; }; e = 3; }; }",
        expect![[r#"
            `` {"a":{"b":{"c":1,"d":2},"e":3}}
        "#]],
    );
}

#[test]
fn numbers_that_nix_cannot_hold_are_refused() {
    check(
        "{ a = 9223372036854775808; b = 1.0e400; c = -9223372036854775808; }",
        expect![[r#"
            1:7 «9223372036854775808» `9223372036854775808` is beyond the numbers that Nix can hold
              help: write a smaller number; a size may have a unit, such as `"8E"`
            1:32 «1.0e400» `1.0e400` is beyond the numbers that Nix can hold
              help: write a smaller number; a size may have a unit, such as `"8E"`
            1:46 «9223372036854775808» `9223372036854775808` is beyond the numbers that Nix can hold
              help: write a smaller number; a size may have a unit, such as `"8E"`
        "#]],
    );
}

#[test]
fn a_slip_of_syntax_is_told_where_it_is() {
    check(
        "{\n  a = 1\n  b = 2;\n}",
        expect![[r#"
        3:5 «=» `=` stands where `;` must follow
          help: each attribute ends with `;`: is it missing on the line before?
    "#]],
    );
    check(
        "{ a = [ 1, 2 ]; b = [ -1 ]; }",
        expect![[r#"
            1:10 «,» `,` stands where a value must follow
              help: elements of a list are separated by blanks, attributes by `;`
            1:23 «-» `-` stands where a value must follow
              help: a negative number in a list stands in parentheses: `(-1)`
        "#]],
    );
    check(
        "{ a 1; }",
        expect![[r#"
            1:5 «1» `1` stands where `=` must follow
              help: an attribute is written `name = value;`
        "#]],
    );
    check(
        "{ a = ; }",
        expect![[r#"
            1:7 «;» `;` stands where a value must follow
              help: correct the syntax; `nix-instantiate --parse` checks it too
        "#]],
    );
    check(
        "{ } }",
        expect![[r#"
        1:5 «}» `}` closes nothing
          help: remove it, or add what it closes
    "#]],
    );
    check(
        "{ a = 1; } { }",
        expect![[r#"
        1:1 «{ a = 1; } { }» a function call needs evaluation, and this file is read without evaluating it
          help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
    "#]],
    );
    check(
        "{ a = é; }",
        expect![[r#"
            1:7 «é» `é` stands where a value must follow
              help: correct the syntax; `nix-instantiate --parse` checks it too
        "#]],
    );
}

#[test]
fn a_file_that_stops_in_the_middle_is_told_at_what_is_open() {
    check(
        "{\n  a = [ 1 2",
        expect![[r#"
        2:7 «[» the file ends before this `[` is closed
          help: close it; is the file complete?
          2:12 the file ends here
    "#]],
    );
    check(
        "{ a = \"never closed\n}",
        expect![[r#"
        1:7 «\"» the file ends before this `"` is closed
          help: close it; is the file complete?
          2:2 the file ends here
    "#]],
    );
    check(
        "{ a = ( 1 ]; }",
        expect![[r#"
        1:11 «]» `]` stands where `(` is still open
          help: close `(` first
          1:7 opened here
    "#]],
    );
    check(
        "let a = 1; in",
        expect![[r#"
            1:12 «in» the file ends in the middle of an expression
              help: complete it
        "#]],
    );
    check(
        "/* never closed",
        expect![[r#"
            1:1 «/*» the file ends before this comment is closed
              help: close it with `*/`
        "#]],
    );
}

#[test]
fn a_file_of_nothing_is_told() {
    check(
        "",
        expect![[r#"
        1:1 «» the file is empty
          help: write an attribute set, such as `{ filesystems = { }; }`
    "#]],
    );
    check(
        "# only a comment\n",
        expect![[r#"
        1:1 «#» the file holds nothing but blanks and comments
          help: write an attribute set, such as `{ filesystems = { }; }`
    "#]],
    );
    check(
        "\u{feff}{ }",
        expect![[r#"
        1:1 «\u{feff}» the file begins with a byte order mark, which Nix does not accept
          help: save the file as UTF-8 without a byte order mark
    "#]],
    );
    check(
        "{ a = \"\0\"; }",
        expect![[r#"
        1:8 «\0» the file holds a NUL character, which Nix does not accept
          help: remove it; is this a text file?
    "#]],
    );
}

#[test]
fn names_that_lead_nowhere_or_in_a_circle_are_told() {
    check(
        "let a = b; b = a; s = { }; in { x = a; y = c; inherit (s) z; w = s.q.r; }",
        expect![[r#"
            1:5 «a» `a` refers to itself
              help: break the circle
            1:44 «c» `c` is not defined in this file
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
            1:59 «z» `z` is not in that set
              help: correct the name, or define it there
            1:68 «q» `q` is not in that set
              help: correct the name, or define it there
        "#]],
    );
}

#[test]
fn what_nobody_asks_for_may_be_anything() {
    check(
        "let lib = import <nixpkgs/lib>; x = { y = 1; }; in { a = x.y; }",
        expect![[r#"
            `` {"a":1}
        "#]],
    );
}

#[test]
fn the_declaration_is_found_among_other_options() {
    check_declaration(
        "{ config, pkgs, ... }:\n{\n  environment.systemPackages = with pkgs; [ git ];\n  users.users.${config.me}.x = 1;\n  services.podmanBtrfs.engine = { };\n  services.podmanBtrfs = { enable = true; };\n}",
        expect![[r#"
            `services.podmanBtrfs` {"enable":true,"engine":{}}
        "#]],
    );
    check_declaration(
        "{ imports = [ ./a.nix ]; config.services.podmanBtrfs.enable = true; }",
        expect![[r#"
            `config.services.podmanBtrfs` {"enable":true}
        "#]],
    );
    check_declaration(
        "let s = { workloads = { }; }; in s",
        expect![[r#"
            `` {"workloads":{}}
        "#]],
    );
    check_declaration(
        "{ filesystems = { }; planFile = ./plan.json; }",
        expect![[r#"
            `` {"filesystems":{},"planFile":"./plan.json"}
        "#]],
    );
    check_declaration(
        "{ }",
        expect![[r#"
            `` {}
        "#]],
    );
}

#[test]
fn a_file_without_a_declaration_is_told() {
    check_declaration(
        "{ boot.loader = 1; networking = { }; }",
        expect![[r#"
        1:1 «{» this set holds no declaration, only `boot`, `networking`
          help: define `services.podmanBtrfs`, or write its content: `filesystems`, `workloads`, `policies`
    "#]],
    );
    check_declaration(
        "[ 1 ]",
        expect![[r#"
        1:1 «[ 1 ]» the file's value is not an attribute set
          help: write an attribute set, such as `{ filesystems = { }; }`
    "#]],
    );
    check_declaration(
        "{ lib, ... }: { config = lib.mkIf true { services.podmanBtrfs = { }; }; }",
        expect![[r#"
            1:26 «lib.mkIf true { services.podmanBtrfs = { }; }» the call of `lib.mkIf` needs evaluation, and this file is read without evaluating it
              help: write the value itself, or use the NixOS module, or give the output of `nix eval --json`
        "#]],
    );
    check_declaration(
        "let s = 1; in { services = s; }",
        expect![[r#"
        1:17 «services» `podmanBtrfs` is not in that set
          help: correct the name, or define it there
    "#]],
    );
}
