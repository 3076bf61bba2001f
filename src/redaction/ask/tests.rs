use super::request;
use ring::digest;

const CORPUS: [(&str, &str); 3] = [
    ("en", include_str!("corpus/en.tsv")),
    ("ru", include_str!("corpus/ru.tsv")),
    ("de", include_str!("corpus/de.tsv")),
];

/// Three sentences in ten, by hash, are kept apart from those the rules were tuned on.
fn kept_apart(sentence: &str) -> bool {
    let digest = digest::digest(&digest::SHA256, sentence.as_bytes());
    digest.as_ref().first().is_some_and(|b| b % 10 < 3)
}

/// (asking, found, other, stopped) of one language and part; errors of the tuned part are shown.
fn figures(corpus: &str, apart: bool, show: bool) -> (usize, usize, usize, usize) {
    let (mut asking, mut found, mut other, mut stopped) = (0, 0, 0, 0);
    for line in corpus.lines() {
        let (label, sentence) = line.split_once('\t').unwrap();
        if kept_apart(sentence) != apart {
            continue;
        }
        let hit = request(sentence).is_some();
        if label == "ask" {
            asking += 1;
            found += usize::from(hit);
        } else {
            other += 1;
            stopped += usize::from(hit);
        }
        if show && hit != (label == "ask") {
            println!("{label}: {sentence} {:?}", request(sentence).map(|r| r.reason));
        }
    }
    (asking, found, other, stopped)
}

#[test]
#[ignore = "prints"]
fn print_figures() {
    for (language, corpus) in CORPUS {
        println!("{language} tuned {:?}", figures(corpus, false, true));
        println!("{language} apart {:?}", figures(corpus, true, std::env::var("APART").is_ok()));
    }
}
