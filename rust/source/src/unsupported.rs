//! What needs evaluation, in words.

use rnix::SyntaxKind;
use rnix::SyntaxNode;

use crate::binding::span;
use crate::finding::{SourceFinding, shown};

const HELP: &str =
    "write the value itself, or use the NixOS module, or give the output of `nix eval --json`";

const PATHS: [SyntaxKind; 3] = [
    SyntaxKind::NODE_PATH_ABS,
    SyntaxKind::NODE_PATH_REL,
    SyntaxKind::NODE_PATH_HOME,
];
const OPERATIONS: [SyntaxKind; 3] = [
    SyntaxKind::NODE_BIN_OP,
    SyntaxKind::NODE_UNARY_OP,
    SyntaxKind::NODE_HAS_ATTR,
];

/// The finding about an expression that is not plain data.
pub(crate) fn needs_evaluation(node: &SyntaxNode) -> SourceFinding {
    let kind = node.kind();
    if PATHS.contains(&kind) {
        return path(node);
    }
    let what = if kind == SyntaxKind::NODE_APPLY {
        call(node)
    } else if OPERATIONS.contains(&kind) {
        format!("the operator `{}`", operator(node))
    } else {
        construct(kind).to_owned()
    };
    SourceFinding::new(
        span(node.text_range()),
        format!("{what} needs evaluation, and this file is read without evaluating it"),
        HELP,
    )
}

/// `lib.mkIf condition value`: the function's name.
fn call(node: &SyntaxNode) -> String {
    let mut function = node.clone();
    while function.kind() == SyntaxKind::NODE_APPLY {
        match function.first_child() {
            Some(inner) => function = inner,
            None => break,
        }
    }
    let named = matches!(
        function.kind(),
        SyntaxKind::NODE_IDENT | SyntaxKind::NODE_SELECT
    );
    if named {
        format!("the call of `{}`", shown(&function.to_string()))
    } else {
        "a function call".to_owned()
    }
}

fn operator(node: &SyntaxNode) -> String {
    node.children_with_tokens()
        .filter_map(rnix::NodeOrToken::into_token)
        .find(|token| {
            !matches!(
                token.kind(),
                SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT
            )
        })
        .map_or_else(String::new, |token| token.text().to_owned())
}

fn path(node: &SyntaxNode) -> SourceFinding {
    SourceFinding::new(
        span(node.text_range()),
        format!(
            "`{}` is a path literal, not a string",
            shown(&node.to_string())
        ),
        "write it in double quotes; only `planFile` takes a path literal",
    )
}

fn construct(kind: SyntaxKind) -> &'static str {
    const WORDS: [(SyntaxKind, &str); 8] = [
        (SyntaxKind::NODE_SELECT, "`or`"),
        (SyntaxKind::NODE_IF_ELSE, "`if`"),
        (SyntaxKind::NODE_ASSERT, "`assert`"),
        (SyntaxKind::NODE_LAMBDA, "a function"),
        (SyntaxKind::NODE_LEGACY_LET, "`let { … }`"),
        (SyntaxKind::NODE_PATH_SEARCH, "a path in `<…>`"),
        (SyntaxKind::NODE_CUR_POS, "`__curPos`"),
        (SyntaxKind::NODE_ATTR_SET, "`rec`"),
    ];
    WORDS
        .iter()
        .find_map(|(of, word)| (*of == kind).then_some(*word))
        .unwrap_or("this expression")
}
