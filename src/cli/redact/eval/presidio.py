"""Runs Presidio's analyzer, as it comes, over lines of JSON.

Its default configuration with the spaCy model that is installed; where results overlap, the one
of the highest score and then the longest stays, as its anonymizer has it. Reads {"text"} and
answers {"spans":[{"start","end","type"}],"us"}; says first what it is.
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


def apart(results):
    """The results without those that overlap a better one."""
    kept = []
    for result in sorted(results, key=lambda r: (-r.score, r.start - r.end)):
        if all(result.end <= k.start or result.start >= k.end for k in kept):
            kept.append(result)
    return kept


def main():
    import presidio_analyzer, yaml
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    name, folder = model()
    if folder is None:
        print(json.dumps({"error": "no English spaCy model is installed beside Presidio"}), flush=True)
        return
    default = pathlib.Path(presidio_analyzer.__file__).parent / "conf" / "default.yaml"
    configuration = yaml.safe_load(default.read_text(encoding="utf-8"))
    configuration["models"] = [{"lang_code": "en", "model_name": folder}]
    nlp = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    engine = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
    engine.analyze("My name is John Smith, call +1 415 555 0132.", language="en")
    print(json.dumps({"version": importlib.metadata.version("presidio_analyzer"), "model": name}), flush=True)
    for line in sys.stdin:
        text = json.loads(line)["text"]
        start = time.perf_counter()
        results = apart(engine.analyze(text, language="en"))
        us = int((time.perf_counter() - start) * 1e6)
        spans = [{"start": r.start, "end": r.end, "type": r.entity_type} for r in results]
        print(json.dumps({"spans": spans, "us": us}), flush=True)


main()
