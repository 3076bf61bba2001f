use tidewaiter_redaction::*;
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let known = Known::new(args[..args.len() - 1].iter().map(|a| {
        let (k, v) = a.split_once('=').unwrap();
        (Attribute::parse(k).unwrap(), v)
    }));
    for text in args[args.len() - 1].lines() {
        let profile = Profile::agent();
        for f in findings(text, &known, &profile) {
            println!(
                "{:?} {} {} [{}]",
                f.kind,
                f.confidence.as_str(),
                f.reason,
                &text[f.start..f.end]
            );
        }
    }
}
