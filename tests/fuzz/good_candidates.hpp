#pragma once
// One good signature in each format, made by cosign 1.13.6 and 3.1.3 under one PKI; the judgement
// is as of kAt. Made of tests/vectors/cosign1-cfssl.json and cosign3-bundle-cfssl.json.

#include <string_view>

namespace signet::fuzz {

// clang-format off
inline constexpr std::string_view kAt = "2026-11-22T08:57:47Z";
inline constexpr std::string_view kSubject = "team-a@linuxera.org";
inline constexpr std::string_view kLegacyImage =
    "sha256:7187717330dc65c3bab2bffeaf06252c53de9ba1cf4cce8f95611cf764805be4";
inline constexpr std::string_view kBundleImage =
    "sha256:2ef103a448654d406f31068c197e3123c0783530ce12bbf0f1aee931d0d336ad";
inline constexpr std::string_view kRoot =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICSDCCAe6gAwIBAgIUCMhDYjOuPEEfLzwFkHc9pigePOwwCgYIKoZIzj0EAwIw\n"
    "gYExCzAJBgNVBAYTAkVTMREwDwYDVQQIEwhWYWxlbmNpYTERMA8GA1UEBxMIVmFs\n"
    "ZW5jaWExCzAJBgNVBAoTAklUMREwDwYDVQQLEwhTZWN1cml0eTEsMCoGA1UEAxMj\n"
    "TGludXhlcmEgUm9vdCBDZXJ0aWZpY2F0ZSBBdXRob3JpdHkwHhcNMjYxMTIyMDg1\n"
    "MjAwWhcNMzYxMTE5MDg1MjAwWjCBgTELMAkGA1UEBhMCRVMxETAPBgNVBAgTCFZh\n"
    "bGVuY2lhMREwDwYDVQQHEwhWYWxlbmNpYTELMAkGA1UEChMCSVQxETAPBgNVBAsT\n"
    "CFNlY3VyaXR5MSwwKgYDVQQDEyNMaW51eGVyYSBSb290IENlcnRpZmljYXRlIEF1\n"
    "dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEXN9XZJgGugF2r5Gjbk\n"
    "LAmeoPkE41H4eUiS7adXPkLtD7rbo9Mi8uYp9bTZWFcDcajqDBYPej5AK90wCj/6\n"
    "OcijQjBAMA4GA1UdDwEB/wQEAwIBBjAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQW\n"
    "BBSEst598m+HM0R3lEU6xzXrGRhTpDAKBggqhkjOPQQDAgNIADBFAiAPPeRw8BWs\n"
    "to0dQCc75jKkQvj0VrRdP2PfZ/E25hDIhQIhAPw3YAfoI9TuUCq+wP6sbkkr7mH6\n"
    "nc8cq1FbcJzf6X1P\n"
    "-----END CERTIFICATE-----\n";
inline constexpr std::string_view kLegacyPayload =
    "{\"critical\":{\"identity\":{\"docker-reference\":\"localhost:5900/example/signingtes"
    "t-cosign1-cfssl\"},\"image\":{\"docker-manifest-digest\":\"sha256:7187717330dc65c3ba"
    "b2bffeaf06252c53de9ba1cf4cce8f95611cf764805be4\"},\"type\":\"cosign container imag"
    "e signature\"},\"optional\":null}";
inline constexpr std::string_view kLegacySignature =
    "MEUCIBxDrweX90w50kLRz4VwLMauo1nrOdmEuZLh8QP/lPR9AiEAoResRFDgWxnC4uEZF2pKlxMgZY"
    "CVfg/SDZnUif0qrIU=";
inline constexpr std::string_view kLegacyCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICvTCCAmKgAwIBAgIUVWlmp+sinacYJ4sTEXbcy5pXhpowCgYIKoZIzj0EAwIw\n"
    "gYkxCzAJBgNVBAYTAkVTMREwDwYDVQQIEwhWYWxlbmNpYTERMA8GA1UEBxMIVmFs\n"
    "ZW5jaWExCzAJBgNVBAoTAklUMREwDwYDVQQLEwhTZWN1cml0eTE0MDIGA1UEAxMr\n"
    "TGludXhlcmEgSW50ZXJtZWRpYXRlIENlcnRpZmljYXRlIEF1dGhvcml0eTAeFw0y\n"
    "NjExMjIwODUyMDBaFw0yNzExMjIwODUyMDBaMGQxCzAJBgNVBAYTAkVTMREwDwYD\n"
    "VQQHEwhWYWxlbmNpYTELMAkGA1UEChMCSVQxETAPBgNVBAsTCFNlY3VyaXR5MSIw\n"
    "IAYDVQQDExlUZWFtIEEgQ29zaWduIENlcnRpZmljYXRlMFkwEwYHKoZIzj0CAQYI\n"
    "KoZIzj0DAQcDQgAE5IH4hUIUPMQqokUoHmk98a2F6bFY9p+MpuErExcAVw0dF+jD\n"
    "Cz+Ddbg6ptA0pE0c2G6vsyyubnXU9ZgZ1sffk6OByzCByDAOBgNVHQ8BAf8EBAMC\n"
    "B4AwDAYDVR0TAQH/BAIwADAdBgNVHQ4EFgQU2/cJSbGe+TvGJhqptzPAS2mbOPAw\n"
    "HwYDVR0jBBgwFoAUUf4uQeHpPXLxpDUApFlMGadPhYMwHgYDVR0RBBcwFYETdGVh\n"
    "bS1hQGxpbnV4ZXJhLm9yZzAkBgorBgEEAYO/MAEIBBYTFGh0dHBzOi8vbGludXhl\n"
    "cmEub3JnMCIGCisGAQQBg78wAQEEFGh0dHBzOi8vbGludXhlcmEub3JnMAoGCCqG\n"
    "SM49BAMCA0kAMEYCIQCBbco//5L3AGhcXklx9buTp0Mt4BNxH4aYxMJ1xc3I3QIh\n"
    "AP2JMz0bUPJ45yJEPKGMEcD9WaI5HzhWjnUPoLimzJWy\n"
    "-----END CERTIFICATE-----\n";
inline constexpr std::string_view kLegacyChain =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICczCCAhqgAwIBAgIUeeo9NeDFTxpXOjU7zWx7BiO9ZjwwCgYIKoZIzj0EAwIw\n"
    "gYExCzAJBgNVBAYTAkVTMREwDwYDVQQIEwhWYWxlbmNpYTERMA8GA1UEBxMIVmFs\n"
    "ZW5jaWExCzAJBgNVBAoTAklUMREwDwYDVQQLEwhTZWN1cml0eTEsMCoGA1UEAxMj\n"
    "TGludXhlcmEgUm9vdCBDZXJ0aWZpY2F0ZSBBdXRob3JpdHkwHhcNMjYxMTIyMDg1\n"
    "MjAwWhcNMzQxMTIwMDg1MjAwWjCBiTELMAkGA1UEBhMCRVMxETAPBgNVBAgTCFZh\n"
    "bGVuY2lhMREwDwYDVQQHEwhWYWxlbmNpYTELMAkGA1UEChMCSVQxETAPBgNVBAsT\n"
    "CFNlY3VyaXR5MTQwMgYDVQQDEytMaW51eGVyYSBJbnRlcm1lZGlhdGUgQ2VydGlm\n"
    "aWNhdGUgQXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHe0EBxv9\n"
    "papLxvmByjvwITlLABLUcOkdSSzln6njDlea0F4nEHonYFfKr92vIWAIR2VA+Vet\n"
    "dPZ2sr6afIAuo6NmMGQwDgYDVR0PAQH/BAQDAgEGMBIGA1UdEwEB/wQIMAYBAf8C\n"
    "AQEwHQYDVR0OBBYEFFH+LkHh6T1y8aQ1AKRZTBmnT4WDMB8GA1UdIwQYMBaAFISy\n"
    "3n3yb4czRHeURTrHNesZGFOkMAoGCCqGSM49BAMCA0cAMEQCIGASeyK5NdOzICOT\n"
    "2f+WbMNaltlGrseXIM+1S9umQupYAiAExKMnTyOGePSv4n73O3IfSLNsErjm3Yar\n"
    "kYP+6MyOBg==\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIICSDCCAe6gAwIBAgIUCMhDYjOuPEEfLzwFkHc9pigePOwwCgYIKoZIzj0EAwIw\n"
    "gYExCzAJBgNVBAYTAkVTMREwDwYDVQQIEwhWYWxlbmNpYTERMA8GA1UEBxMIVmFs\n"
    "ZW5jaWExCzAJBgNVBAoTAklUMREwDwYDVQQLEwhTZWN1cml0eTEsMCoGA1UEAxMj\n"
    "TGludXhlcmEgUm9vdCBDZXJ0aWZpY2F0ZSBBdXRob3JpdHkwHhcNMjYxMTIyMDg1\n"
    "MjAwWhcNMzYxMTE5MDg1MjAwWjCBgTELMAkGA1UEBhMCRVMxETAPBgNVBAgTCFZh\n"
    "bGVuY2lhMREwDwYDVQQHEwhWYWxlbmNpYTELMAkGA1UEChMCSVQxETAPBgNVBAsT\n"
    "CFNlY3VyaXR5MSwwKgYDVQQDEyNMaW51eGVyYSBSb290IENlcnRpZmljYXRlIEF1\n"
    "dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEXN9XZJgGugF2r5Gjbk\n"
    "LAmeoPkE41H4eUiS7adXPkLtD7rbo9Mi8uYp9bTZWFcDcajqDBYPej5AK90wCj/6\n"
    "OcijQjBAMA4GA1UdDwEB/wQEAwIBBjAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQW\n"
    "BBSEst598m+HM0R3lEU6xzXrGRhTpDAKBggqhkjOPQQDAgNIADBFAiAPPeRw8BWs\n"
    "to0dQCc75jKkQvj0VrRdP2PfZ/E25hDIhQIhAPw3YAfoI9TuUCq+wP6sbkkr7mH6\n"
    "nc8cq1FbcJzf6X1P\n"
    "-----END CERTIFICATE-----\n";
inline constexpr std::string_view kBundle =
    "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\", \"verificationMat"
    "erial\":{\"x509CertificateChain\":{\"certificates\":[{\"rawBytes\":\"MIICvTCCAmKgAwIBA"
    "gIUVWlmp+sinacYJ4sTEXbcy5pXhpowCgYIKoZIzj0EAwIwgYkxCzAJBgNVBAYTAkVTMREwDwYDVQQ"
    "IEwhWYWxlbmNpYTERMA8GA1UEBxMIVmFsZW5jaWExCzAJBgNVBAoTAklUMREwDwYDVQQLEwhTZWN1c"
    "ml0eTE0MDIGA1UEAxMrTGludXhlcmEgSW50ZXJtZWRpYXRlIENlcnRpZmljYXRlIEF1dGhvcml0eTA"
    "eFw0yNjExMjIwODUyMDBaFw0yNzExMjIwODUyMDBaMGQxCzAJBgNVBAYTAkVTMREwDwYDVQQHEwhWY"
    "WxlbmNpYTELMAkGA1UEChMCSVQxETAPBgNVBAsTCFNlY3VyaXR5MSIwIAYDVQQDExlUZWFtIEEgQ29"
    "zaWduIENlcnRpZmljYXRlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5IH4hUIUPMQqokUoHmk98"
    "a2F6bFY9p+MpuErExcAVw0dF+jDCz+Ddbg6ptA0pE0c2G6vsyyubnXU9ZgZ1sffk6OByzCByDAOBgN"
    "VHQ8BAf8EBAMCB4AwDAYDVR0TAQH/BAIwADAdBgNVHQ4EFgQU2/cJSbGe+TvGJhqptzPAS2mbOPAwH"
    "wYDVR0jBBgwFoAUUf4uQeHpPXLxpDUApFlMGadPhYMwHgYDVR0RBBcwFYETdGVhbS1hQGxpbnV4ZXJ"
    "hLm9yZzAkBgorBgEEAYO/MAEIBBYTFGh0dHBzOi8vbGludXhlcmEub3JnMCIGCisGAQQBg78wAQEEF"
    "Gh0dHBzOi8vbGludXhlcmEub3JnMAoGCCqGSM49BAMCA0kAMEYCIQCBbco//5L3AGhcXklx9buTp0M"
    "t4BNxH4aYxMJ1xc3I3QIhAP2JMz0bUPJ45yJEPKGMEcD9WaI5HzhWjnUPoLimzJWy\"}, {\"rawByte"
    "s\":\"MIICczCCAhqgAwIBAgIUeeo9NeDFTxpXOjU7zWx7BiO9ZjwwCgYIKoZIzj0EAwIwgYExCzAJBg"
    "NVBAYTAkVTMREwDwYDVQQIEwhWYWxlbmNpYTERMA8GA1UEBxMIVmFsZW5jaWExCzAJBgNVBAoTAklU"
    "MREwDwYDVQQLEwhTZWN1cml0eTEsMCoGA1UEAxMjTGludXhlcmEgUm9vdCBDZXJ0aWZpY2F0ZSBBdX"
    "Rob3JpdHkwHhcNMjYxMTIyMDg1MjAwWhcNMzQxMTIwMDg1MjAwWjCBiTELMAkGA1UEBhMCRVMxETAP"
    "BgNVBAgTCFZhbGVuY2lhMREwDwYDVQQHEwhWYWxlbmNpYTELMAkGA1UEChMCSVQxETAPBgNVBAsTCF"
    "NlY3VyaXR5MTQwMgYDVQQDEytMaW51eGVyYSBJbnRlcm1lZGlhdGUgQ2VydGlmaWNhdGUgQXV0aG9y"
    "aXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHe0EBxv9papLxvmByjvwITlLABLUcOkdSSzln6"
    "njDlea0F4nEHonYFfKr92vIWAIR2VA+VetdPZ2sr6afIAuo6NmMGQwDgYDVR0PAQH/BAQDAgEGMBIG"
    "A1UdEwEB/wQIMAYBAf8CAQEwHQYDVR0OBBYEFFH+LkHh6T1y8aQ1AKRZTBmnT4WDMB8GA1UdIwQYMB"
    "aAFISy3n3yb4czRHeURTrHNesZGFOkMAoGCCqGSM49BAMCA0cAMEQCIGASeyK5NdOzICOT2f+WbMNa"
    "ltlGrseXIM+1S9umQupYAiAExKMnTyOGePSv4n73O3IfSLNsErjm3YarkYP+6MyOBg==\"}]}}, \"ds"
    "seEnvelope\":{\"payload\":\"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdj"
    "EiLCAic3ViamVjdCI6W3siZGlnZXN0Ijp7InNoYTI1NiI6IjJlZjEwM2E0NDg2NTRkNDA2ZjMxMDY4"
    "YzE5N2UzMTIzYzA3ODM1MzBjZTEyYmJmMGYxYWVlOTMxZDBkMzM2YWQifSwgImFubm90YXRpb25zIj"
    "p7fX1dLCAicHJlZGljYXRlVHlwZSI6Imh0dHBzOi8vc2lnc3RvcmUuZGV2L2Nvc2lnbi9zaWduL3Yx"
    "IiwgInByZWRpY2F0ZSI6e319\", \"payloadType\":\"application/vnd.in-toto+json\", \"sign"
    "atures\":[{\"sig\":\"MEYCIQDPK10f/222/d2ZDz4KOXbc9OxrsglkrE8iBbdE1aQv9AIhAMX9UUuAo"
    "SFK6dq6Dgvpl2+FByrj7U0VfoS2k0EPK8b7\"}]}}";
// clang-format on

}  // namespace signet::fuzz
