extension ValidationRule {
    static let recordRules: [ValidationRule] = [
        ValidationRule(.recordMissing, "A record has a value; a tombstone is no request.", source: RuleSource.contract),
        ValidationRule(
            .recordTooLarge,
            "The record is not too large.",
            limit: "\(MessageLimits.recordBytes) bytes of JSON",
            source: RuleSource.contract
        ),
        ValidationRule(
            .recordNotJSON,
            "The record is one JSON value in UTF-8, without a byte order mark, lone surrogates or trailing data. The five"
                + " bytes of a schema registry's wire format (0 and the schema's id) may stand before it.",
            source: RuleSource.json
        ),
        ValidationRule(
            .recordDuplicateMember,
            "No object of the record has two members of one name: programs disagree on which counts.",
            source: RuleSource.json
        ),
        ValidationRule(
            .recordTooDeep,
            "Arrays and objects are not nested too deeply.",
            limit: "\(JSONReader.maximumDepth) levels",
            source: RuleSource.contract
        ),
        ValidationRule(.recordNotObject, "The record is a JSON object.", source: RuleSource.contract),
    ]

    static let memberRules: [ValidationRule] = [
        ValidationRule(.memberMissing, "Required members are there.", source: RuleSource.contract),
        ValidationRule(
            .memberType,
            "A member has the JSON type the contract gives it; an optional one may also be null, which counts as absent.",
            source: RuleSource.contract
        ),
        ValidationRule(
            .memberUnknown,
            "Only documented members occur: a typo is caught before it costs a call. The setting"
                + " validation.unknownFields: forward passes unknown members on to Graph.",
            source: RuleSource.contract
        ),
        ValidationRule(
            .memberNotAllowed,
            "A member does not stand where it belongs to another kind of message, action, button or attachment.",
            source: RuleSource.send
        ),
    ]
}
