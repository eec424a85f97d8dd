//! What cargo-fuzz does on the nightly toolchain (`fuzz/`), in a few seconds and without it: every target over its
//! seeds, over the committed corpus, and over changes to both.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tests::fuzz::{TARGETS, Target, corpus, mutation::Mutator};
use tests::project;

/// How many changed inputs a target gets, shared out among its inputs.
const CHANGED: usize = 500;

/// Runs a target and says which input failed; the panic itself has been printed by then.
fn check(target: &Target, input: &[u8], place: &str) {
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.check)(input)));
    let readable = String::from_utf8_lossy(input);
    assert!(outcome.is_ok(), "the fuzz target {} fails for {place}:\n{readable}", target.name);
}

fn names() -> BTreeSet<String> {
    TARGETS.iter().map(|target| target.name.to_owned()).collect()
}

#[test]
fn every_input_of_the_corpus_passes_its_target() {
    let committed = corpus::committed();
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} begins with nothing", target.name);
        for seed in &seeds {
            check(&target, seed, "a seed");
        }
        for (path, bytes) in &committed[target.name] {
            check(&target, bytes, &path.display().to_string());
        }
    }
}

#[test]
fn every_changed_input_of_the_corpus_passes_its_target() {
    let mut committed = corpus::committed();
    for target in TARGETS {
        let found = committed.remove(target.name).unwrap_or_default().into_iter().map(|(_, bytes)| bytes);
        let inputs: Vec<_> = (target.seeds)().into_iter().chain(found).collect();
        let mut mutator = Mutator::new(&inputs, target.words);
        for input in inputs.iter().cycle().take(CHANGED) {
            check(&target, &mutator.changed(input), "a changed input");
        }
    }
}

#[test]
fn every_target_has_a_corpus_and_a_binary_and_nothing_else_has() {
    let committed = corpus::committed();
    assert_eq!(committed.keys().cloned().collect::<BTreeSet<_>>(), names(), "fuzz/corpus");
    for (name, files) in &committed {
        assert!(!files.is_empty(), "fuzz/corpus/{name} is empty");
    }

    let binaries = fs::read_dir(project::path("fuzz/fuzz_targets")).unwrap();
    let file_names = binaries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let expected: BTreeSet<_> = names().iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(file_names.collect::<BTreeSet<_>>(), expected, "fuzz/fuzz_targets");
    let manifest = project::read("fuzz/Cargo.toml");
    for name in names() {
        let call = format!("tests::fuzz::{name}::check(data)");
        assert!(project::read(&format!("fuzz/fuzz_targets/{name}.rs")).contains(&call), "{call}");
        assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "fuzz/Cargo.toml lacks {name}");
    }
}
