use crate::kind::Kind;
use crate::text::tests::found;
use crate::{Known, Profile, findings};

/// How many of the corpus' names and addresses are found whole, how many there are, and what else is taken for one.
fn corpus() -> ([usize; 2], [usize; 2], Vec<String>) {
    let (mut found, mut all, mut wrong) = ([0; 2], [0; 2], Vec::new());
    for line in include_str!("corpus.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
    {
        let (mut text, mut marked) = (String::new(), Vec::new());
        for c in line.replace("\\n", "\n").chars() {
            match c {
                '[' | '{' => marked.push((usize::from(c == '{'), text.len(), 0)),
                ']' | '}' => marked.last_mut().unwrap().2 = text.len(),
                _ => text.push(c),
            }
        }
        let mut spans: Vec<_> = findings(&text, &Known::none(), &Profile::agent())
            .into_iter()
            .filter(|f| matches!(f.kind, Kind::Name | Kind::Address))
            .map(|f| (usize::from(f.kind == Kind::Address), f.start, f.end))
            .collect();
        for mark in marked {
            all[mark.0] += 1;
            found[mark.0] += usize::from(spans.contains(&mark));
            spans.retain(|s| s.1 >= mark.2 || s.2 <= mark.1);
        }
        wrong.extend(spans.iter().map(|s| text.get(s.1..s.2).unwrap().to_owned()));
    }
    (found, all, wrong)
}

/// Made-up chats, three in ten of which were kept apart while the rules were tuned.
#[test]
fn the_corpus_is_found_but_for_a_few() {
    let (found, all, wrong) = corpus();
    let percent = |n: usize| found[n] * 100 / all[n];
    assert!(percent(0) >= 88, "names: {found:?} of {all:?}");
    assert!(percent(1) >= 84, "addresses: {found:?} of {all:?}");
    assert!(wrong.len() <= 2, "{wrong:?}");
}

fn people(text: &str) -> Vec<&str> {
    findings(text, &Known::none(), &Profile::agent())
        .into_iter()
        .filter(|f| f.kind == Kind::Name)
        .map(|f| text.get(f.start..f.end).unwrap())
        .collect()
}

#[test]
fn people_are_found_by_their_names() {
    for (text, names) in [
        (
            "my name is john smith and I lost my phone",
            &["john smith"][..],
        ),
        (
            "Hi, this is Agnieszka Wójcik speaking",
            &["Agnieszka Wójcik"],
        ),
        (
            "I spoke with Mary-Jane O'Brien yesterday",
            &["Mary-Jane O'Brien"],
        ),
        ("Please ask Mr. Yefremova about it", &["Yefremova"]),
        (
            "sent it to Ludwig van der Berg by mistake",
            &["Ludwig van der Berg"],
        ),
        ("Best regards,\nSven Lindqvist", &["Sven Lindqvist"]),
        (
            "follow up with patricia desrosiers soon",
            &["patricia desrosiers"],
        ),
    ] {
        assert_eq!(people(text), names, "{text}");
    }
}

#[test]
fn words_coins_and_towns_are_nobody() {
    for text in [
        "Will I get a bill in May? Mark my words, by the grace of God",
        "I live in Berlin and trade SOL, ADA and LUNA on Binance",
        "Can I use Apple Pay or Google Pay with my Visa card?",
        "Grace Period for Trust Wallet, Chase Bank and Wells Fargo",
        "Please Cancel My Withdrawal Now",
    ] {
        assert!(people(text).is_empty(), "{text}: {:?}", found(text));
    }
}
