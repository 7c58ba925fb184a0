# sluice_policy_test(NAME <name> POLICY <file> TESTS <suite>... [DATA <file>...])
#
# Adds a test that runs the cases of suites with `sluice test`: it fails if one fails, can't be run, or there is
# none. POLICY is the file that the suites name in `policy_file`, DATA further files that they name, such as a
# state or a known-bad list: a file that is missing fails the test by name. Paths are relative to the current
# source directory. Needs Sluice::cli: Sluice built with SLUICE_BUILD_CLI.
function(sluice_policy_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;POLICY" "TESTS;DATA")
  foreach(required IN ITEMS NAME POLICY TESTS)
    if(NOT DEFINED arg_${required})
      message(FATAL_ERROR "sluice_policy_test: ${required} is required")
    endif()
  endforeach()
  if(DEFINED arg_UNPARSED_ARGUMENTS OR DEFINED arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR
      "sluice_policy_test: can't use `${arg_UNPARSED_ARGUMENTS}` `${arg_KEYWORDS_MISSING_VALUES}`")
  endif()
  if(NOT TARGET Sluice::cli)
    message(FATAL_ERROR "sluice_policy_test: Sluice was built without its command line (SLUICE_BUILD_CLI)")
  endif()
  set(files)
  foreach(file IN LISTS arg_POLICY arg_TESTS arg_DATA)
    cmake_path(ABSOLUTE_PATH file NORMALIZE)
    list(APPEND files ${file})
  endforeach()
  add_test(NAME ${arg_NAME}
    COMMAND $<TARGET_FILE:Sluice::cli> test --fail-on-empty ${arg_TESTS}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_property(TEST ${arg_NAME} PROPERTY REQUIRED_FILES ${files})
endfunction()
