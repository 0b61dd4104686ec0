signet_test(test_core_policy_judge
  LIBRARIES signet_policy test_support_crypto
  SOURCES
    evaluate_authority_test.cpp
    evaluate_delegate_test.cpp
    evaluate_matrix_test.cpp
    evaluate_policy_test.cpp
    evaluate_property_test.cpp
    evaluate_static_test.cpp
    evaluate_time_test.cpp
    evaluation_test.cpp
    explain_screen_test.cpp
    explain_test.cpp
    matcher_test.cpp
    plan_test.cpp
    policy_index_test.cpp
    stable_until_test.cpp
    undecided_test.cpp
    world.cpp)

signet_test(test_core_policy_tenancy
  LIBRARIES signet_policy test_support_crypto
  SOURCES
    tenancy_matrix_test.cpp
    trial_test.cpp
    world.cpp)
