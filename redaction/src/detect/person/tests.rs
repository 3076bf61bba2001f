use crate::kind::Kind;
use crate::text::tests::found;
use crate::{Known, Profile, findings};

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
