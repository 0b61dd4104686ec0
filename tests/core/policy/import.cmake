signet_test(test_core_policy_import
  LIBRARIES signet_policy
  SOURCES
    import_kyverno_test.cpp
    import_openshift_test.cpp
    import_patterns_test.cpp
    import_policy_controller_test.cpp
    import_test.cpp)
