"""Runs Presidio's analyzer, as it comes, over lines of JSON.

Reads {"text"} and answers {"spans":[{"start","end","type"}],"us"}; says first what it is.
"""
import importlib.metadata, json, pathlib, sys, time


def model():
    """The largest English spaCy model with entities that is installed, by name or by folder."""
    found = []
    for entry in map(pathlib.Path, sys.path):
        for pattern in ("en_*/*/meta.json", "*/*/meta.json", "*/*/*/meta.json"):
            for meta in entry.glob(pattern) if entry.is_dir() else ():
                if not (meta.parent / "config.cfg").exists():
                    continue
                about = json.loads(meta.read_text(encoding="utf-8"))
                if about.get("lang") == "en" and "ner" in about.get("pipeline", ()):
                    size = ("_sm", "_md", "_lg").index(about["name"][-3:]) if about["name"][-3:] in ("_sm", "_md", "_lg") else 0
                    found.append((size, f"en_{about['name']}", str(meta.parent)))
    return max(found)[1:] if found else (None, None)


def main():
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    name, folder = model()
    if folder is None:
        print(json.dumps({"error": "no English spaCy model is installed beside Presidio"}), flush=True)
        return
    nlp = NlpEngineProvider(nlp_configuration={
        "nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": folder}]}).create_engine()
    engine = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
    engine.analyze("My name is John Smith, call +1 415 555 0132.", language="en")
    print(json.dumps({"version": importlib.metadata.version("presidio_analyzer"), "model": name}), flush=True)
    for line in sys.stdin:
        text = json.loads(line)["text"]
        start = time.perf_counter()
        results = engine.analyze(text, language="en")
        us = int((time.perf_counter() - start) * 1e6)
        spans = [{"start": r.start, "end": r.end, "type": r.entity_type} for r in results]
        print(json.dumps({"spans": spans, "us": us}), flush=True)


main()
