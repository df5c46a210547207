/* Made by scripts/generate.sh: calls of the methods of questline.user.v1. */
#ifndef QUESTLINE_USER_V1_CLIENT_H
#define QUESTLINE_USER_V1_CLIENT_H

#include "platform/rpc/client/unary_call.h"
#include "questline/user/v1/names.h"

/* Each calls and waits as ql_rpc_call does; those that end with _as send this token
 * ("" for none) instead of the channel's own. The answer lies in the call's arena. */

QL_MUST_CHECK static inline enum ql_code claim_service_list_claims(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListClaimsRequest *in,
    ListClaimsResponse **ret_out)
{
    return ql_rpc_call(call, channel, ClaimService_ListClaims, in,
                       &ListClaimsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code claim_service_list_claims_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListClaimsRequest *in, ListClaimsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ClaimService_ListClaims, in,
                          &ListClaimsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code claim_service_claim_reward(
    struct ql_call *call, struct ql_rpc_channel *channel, const ClaimRewardRequest *in,
    ClaimRewardResponse **ret_out)
{
    return ql_rpc_call(call, channel, ClaimService_ClaimReward, in,
                       &ClaimRewardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code claim_service_claim_reward_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ClaimRewardRequest *in, ClaimRewardResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ClaimService_ClaimReward, in,
                          &ClaimRewardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code personal_data_service_export_user(
    struct ql_call *call, struct ql_rpc_channel *channel, const ExportUserRequest *in,
    ExportUserResponse **ret_out)
{
    return ql_rpc_call(call, channel, PersonalDataService_ExportUser, in,
                       &ExportUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code personal_data_service_export_user_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ExportUserRequest *in, ExportUserResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, PersonalDataService_ExportUser, in,
                          &ExportUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code personal_data_service_delete_user(
    struct ql_call *call, struct ql_rpc_channel *channel, const DeleteUserRequest *in,
    DeleteUserResponse **ret_out)
{
    return ql_rpc_call(call, channel, PersonalDataService_DeleteUser, in,
                       &DeleteUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code personal_data_service_delete_user_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const DeleteUserRequest *in, DeleteUserResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, PersonalDataService_DeleteUser, in,
                          &DeleteUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code profile_service_batch_get_profiles(
    struct ql_call *call, struct ql_rpc_channel *channel, const BatchGetProfilesRequest *in,
    BatchGetProfilesResponse **ret_out)
{
    return ql_rpc_call(call, channel, ProfileService_BatchGetProfiles, in,
                       &BatchGetProfilesResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code profile_service_batch_get_profiles_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const BatchGetProfilesRequest *in, BatchGetProfilesResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ProfileService_BatchGetProfiles, in,
                          &BatchGetProfilesResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_create_service_account(
    struct ql_call *call, struct ql_rpc_channel *channel, const CreateServiceAccountRequest *in,
    CreateServiceAccountResponse **ret_out)
{
    return ql_rpc_call(call, channel, ServiceAccountService_CreateServiceAccount, in,
                       &CreateServiceAccountResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_create_service_account_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CreateServiceAccountRequest *in, CreateServiceAccountResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ServiceAccountService_CreateServiceAccount, in,
                          &CreateServiceAccountResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_list_service_accounts(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListServiceAccountsRequest *in,
    ListServiceAccountsResponse **ret_out)
{
    return ql_rpc_call(call, channel, ServiceAccountService_ListServiceAccounts, in,
                       &ListServiceAccountsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_list_service_accounts_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListServiceAccountsRequest *in, ListServiceAccountsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ServiceAccountService_ListServiceAccounts, in,
                          &ListServiceAccountsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_disable_service_account(
    struct ql_call *call, struct ql_rpc_channel *channel, const DisableServiceAccountRequest *in,
    DisableServiceAccountResponse **ret_out)
{
    return ql_rpc_call(call, channel, ServiceAccountService_DisableServiceAccount, in,
                       &DisableServiceAccountResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_disable_service_account_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const DisableServiceAccountRequest *in, DisableServiceAccountResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ServiceAccountService_DisableServiceAccount, in,
                          &DisableServiceAccountResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_create_api_key(
    struct ql_call *call, struct ql_rpc_channel *channel, const CreateApiKeyRequest *in,
    CreateApiKeyResponse **ret_out)
{
    return ql_rpc_call(call, channel, ServiceAccountService_CreateApiKey, in,
                       &CreateApiKeyResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_create_api_key_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CreateApiKeyRequest *in, CreateApiKeyResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ServiceAccountService_CreateApiKey, in,
                          &CreateApiKeyResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_list_api_keys(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListApiKeysRequest *in,
    ListApiKeysResponse **ret_out)
{
    return ql_rpc_call(call, channel, ServiceAccountService_ListApiKeys, in,
                       &ListApiKeysResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_list_api_keys_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListApiKeysRequest *in, ListApiKeysResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ServiceAccountService_ListApiKeys, in,
                          &ListApiKeysResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_revoke_api_key(
    struct ql_call *call, struct ql_rpc_channel *channel, const RevokeApiKeyRequest *in,
    RevokeApiKeyResponse **ret_out)
{
    return ql_rpc_call(call, channel, ServiceAccountService_RevokeApiKey, in,
                       &RevokeApiKeyResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_revoke_api_key_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const RevokeApiKeyRequest *in, RevokeApiKeyResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ServiceAccountService_RevokeApiKey, in,
                          &RevokeApiKeyResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_create_token(
    struct ql_call *call, struct ql_rpc_channel *channel, const CreateTokenRequest *in,
    CreateTokenResponse **ret_out)
{
    return ql_rpc_call(call, channel, ServiceAccountService_CreateToken, in,
                       &CreateTokenResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code service_account_service_create_token_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CreateTokenRequest *in, CreateTokenResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ServiceAccountService_CreateToken, in,
                          &CreateTokenResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code session_service_create_session(
    struct ql_call *call, struct ql_rpc_channel *channel, const CreateSessionRequest *in,
    CreateSessionResponse **ret_out)
{
    return ql_rpc_call(call, channel, SessionService_CreateSession, in,
                       &CreateSessionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code session_service_create_session_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CreateSessionRequest *in, CreateSessionResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, SessionService_CreateSession, in,
                          &CreateSessionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code session_service_refresh_session(
    struct ql_call *call, struct ql_rpc_channel *channel, const RefreshSessionRequest *in,
    RefreshSessionResponse **ret_out)
{
    return ql_rpc_call(call, channel, SessionService_RefreshSession, in,
                       &RefreshSessionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code session_service_refresh_session_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const RefreshSessionRequest *in, RefreshSessionResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, SessionService_RefreshSession, in,
                          &RefreshSessionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code session_service_sign_out(
    struct ql_call *call, struct ql_rpc_channel *channel, const SignOutRequest *in,
    SignOutResponse **ret_out)
{
    return ql_rpc_call(call, channel, SessionService_SignOut, in,
                       &SignOutResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code session_service_sign_out_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const SignOutRequest *in, SignOutResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, SessionService_SignOut, in,
                          &SignOutResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_admin_service_ban_user(
    struct ql_call *call, struct ql_rpc_channel *channel, const BanUserRequest *in,
    BanUserResponse **ret_out)
{
    return ql_rpc_call(call, channel, UserAdminService_BanUser, in,
                       &BanUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_admin_service_ban_user_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const BanUserRequest *in, BanUserResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, UserAdminService_BanUser, in,
                          &BanUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_admin_service_unban_user(
    struct ql_call *call, struct ql_rpc_channel *channel, const UnbanUserRequest *in,
    UnbanUserResponse **ret_out)
{
    return ql_rpc_call(call, channel, UserAdminService_UnbanUser, in,
                       &UnbanUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_admin_service_unban_user_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const UnbanUserRequest *in, UnbanUserResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, UserAdminService_UnbanUser, in,
                          &UnbanUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_admin_service_set_user_role(
    struct ql_call *call, struct ql_rpc_channel *channel, const SetUserRoleRequest *in,
    SetUserRoleResponse **ret_out)
{
    return ql_rpc_call(call, channel, UserAdminService_SetUserRole, in,
                       &SetUserRoleResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_admin_service_set_user_role_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const SetUserRoleRequest *in, SetUserRoleResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, UserAdminService_SetUserRole, in,
                          &SetUserRoleResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_service_create_user(
    struct ql_call *call, struct ql_rpc_channel *channel, const CreateUserRequest *in,
    CreateUserResponse **ret_out)
{
    return ql_rpc_call(call, channel, UserService_CreateUser, in,
                       &CreateUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_service_create_user_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CreateUserRequest *in, CreateUserResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, UserService_CreateUser, in,
                          &CreateUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_service_get_user(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetUserRequest *in,
    GetUserResponse **ret_out)
{
    return ql_rpc_call(call, channel, UserService_GetUser, in,
                       &GetUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_service_get_user_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetUserRequest *in, GetUserResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, UserService_GetUser, in,
                          &GetUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_service_list_users(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListUsersRequest *in,
    ListUsersResponse **ret_out)
{
    return ql_rpc_call(call, channel, UserService_ListUsers, in,
                       &ListUsersResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_service_list_users_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListUsersRequest *in, ListUsersResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, UserService_ListUsers, in,
                          &ListUsersResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_service_update_user(
    struct ql_call *call, struct ql_rpc_channel *channel, const UpdateUserRequest *in,
    UpdateUserResponse **ret_out)
{
    return ql_rpc_call(call, channel, UserService_UpdateUser, in,
                       &UpdateUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_service_update_user_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const UpdateUserRequest *in, UpdateUserResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, UserService_UpdateUser, in,
                          &UpdateUserResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_service_change_password(
    struct ql_call *call, struct ql_rpc_channel *channel, const ChangePasswordRequest *in,
    ChangePasswordResponse **ret_out)
{
    return ql_rpc_call(call, channel, UserService_ChangePassword, in,
                       &ChangePasswordResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code user_service_change_password_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ChangePasswordRequest *in, ChangePasswordResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, UserService_ChangePassword, in,
                          &ChangePasswordResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code wallet_service_get_wallet(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetWalletRequest *in,
    GetWalletResponse **ret_out)
{
    return ql_rpc_call(call, channel, WalletService_GetWallet, in,
                       &GetWalletResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code wallet_service_get_wallet_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetWalletRequest *in, GetWalletResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, WalletService_GetWallet, in,
                          &GetWalletResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code wallet_service_list_wallet_entries(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListWalletEntriesRequest *in,
    ListWalletEntriesResponse **ret_out)
{
    return ql_rpc_call(call, channel, WalletService_ListWalletEntries, in,
                       &ListWalletEntriesResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code wallet_service_list_wallet_entries_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListWalletEntriesRequest *in, ListWalletEntriesResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, WalletService_ListWalletEntries, in,
                          &ListWalletEntriesResponse_descriptor, ret_out);
}

#endif
